//! Gives the programs for Windows their icon, version and manifest.

fn main() {
    println!("cargo::rerun-if-changed=assets/windows");
    if std::env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return;
    }
    let mut resource = winresource::WindowsResource::new();
    resource.set("LegalCopyright", "MIT OR Apache-2.0");
    resource.set_icon("assets/windows/netassist.ico");
    resource.set_manifest_file("assets/windows/netassist.manifest");
    if let Err(error) = resource.compile() {
        println!("cargo::error=cannot compile the resources of the programs: {error}");
    }
}
