//! Shows notifications on the desktop.

/// Shows one; waits for the desktop to take it.
#[cfg(any(windows, target_os = "macos"))]
pub(super) fn show(summary: &str, body: &str) -> Result<(), String> {
    let shown = notify_rust::Notification::new().summary(summary).body(body).show();
    shown.map(drop).map_err(|error| error.to_string())
}

#[cfg(not(any(windows, target_os = "macos")))]
pub(super) use freedesktop::show;

#[cfg(not(any(windows, target_os = "macos")))]
mod freedesktop {
    use std::collections::HashMap;
    use std::sync::OnceLock;
    use std::time::Duration;

    use zbus::Connection;
    use zbus::connection::Builder;
    use zbus::zvariant::Value;

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";

    /// How long the desktop may take.
    const TIMEOUT: Duration = Duration::from_secs(10);

    /// Some desktops remove the notifications of a connection with it.
    static BUS: OnceLock<Connection> = OnceLock::new();

    /// Shows one; waits for the desktop to take it.
    pub(in crate::net) fn show(summary: &str, body: &str) -> Result<(), String> {
        let notify = async {
            let bus = match BUS.get() {
                Some(bus) => bus.clone(),
                None => Builder::session()?.method_timeout(TIMEOUT).build().await?,
            };
            let (icon, actions, hints) = ("", [""; 0].as_slice(), HashMap::<&str, Value<'_>>::new());
            let body = ("netassist", 0_u32, icon, summary, escaped(body), actions, hints, -1_i32);
            bus.call_method(Some(NAME), PATH, Some(NAME), "Notify", &body).await?;
            BUS.get_or_init(|| bus);
            Ok(())
        };
        zbus::block_on(notify).map_err(|error: zbus::Error| error.to_string())
    }

    /// The body is markup.
    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }
}
