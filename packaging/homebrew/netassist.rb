cask "netassist" do
  arch arm: "aarch64", intel: "x86_64"

  version "@VERSION@"
  sha256 arm:   "@SHA256:netassist-@VERSION@-aarch64-macos.dmg@",
         intel: "@SHA256:netassist-@VERSION@-x86_64-macos.dmg@"

  url "@FILES@/netassist-#{version}-#{arch}-macos.dmg"
  name "netassist"
  desc "Network debugging assistant that records every byte as pcapng"
  homepage "@HOMEPAGE@"

  depends_on macos: ">= :big_sur"

  app "netassist.app"
  binary "#{appdir}/netassist.app/Contents/MacOS/netassist"

  zap trash: [
    "~/Library/Application Support/netassist",
    "~/Library/Preferences/netassist",
  ]
end
