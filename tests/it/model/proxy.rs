//! Addresses of proxies.

use netassist::model::{Expected, Fault, Password, Proxy, ProxyKind};

#[test]
fn addresses_of_proxies_are_read_and_a_password_in_one_is_refused_and_not_kept() {
    for (text, kind, at, user) in [
        ("socks5h://127.0.0.1:1080", ProxyKind::Socks5h, "127.0.0.1:1080", None),
        ("SOCKS5://me@[::1]:9/", ProxyKind::Socks5, "[::1]:9", Some("me")),
        ("http://a@b@proxy.example:3128", ProxyKind::Http, "proxy.example:3128", Some("a@b")),
    ] {
        let proxy: Proxy = text.parse().unwrap();
        assert_eq!((proxy.kind, proxy.at.to_string(), proxy.user.as_deref()), (kind, at.to_owned(), user));
        assert_eq!(Proxy::without_password(text), text);
    }
    for text in
        ["", "h:1", "socks4://h:1", "http://h", "http://h:0", "http://@h:1", "http://h:1/x", "http://h:x"]
    {
        assert_eq!(text.parse::<Proxy>(), Err(Expected::Proxy.into()), "{text}");
    }
    for (text, kept) in [
        ("http://me:secret@h:1", "http://me@h:1"),
        ("http://me:se:cr@et@h:1", "http://me@h:1"),
        ("me:secret@", "me@"),
        ("socks5h://me:secret", "socks5h://me"),
    ] {
        assert!(text.parse::<Proxy>().is_err());
        assert_eq!(Proxy::without_password(text), kept);
    }
    assert_eq!("http://me:secret@h:1".parse::<Proxy>(), Err(Fault::PasswordTyped));
    let proxy = Proxy { password: Some(Password("secret".to_owned())), ..("http://h:1".parse().unwrap()) };
    assert!(!format!("{proxy:?}{proxy}").contains("secret"));
}
