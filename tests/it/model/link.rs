//! Tests of `model::link`.

use netassist::model::*;

#[test]
fn endpoints_are_read_and_written() {
    for (text, host, port) in [
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("[::1]:65535", "::1", 65535),
        (" example.org:0 ", "example.org", 0),
        ("[fe80::1%2]:9", "fe80::1%2", 9),
        ("[fe80::1%eth0.7]:9", "fe80::1%eth0.7", 9),
        ("测试.example:8080", "测试.example", 8080),
    ] {
        let endpoint: Endpoint = text.parse().unwrap();
        assert_eq!((endpoint.host.as_str(), endpoint.port), (host, port), "{text}");
        assert_eq!(endpoint.to_string(), text.trim());
    }
    assert_eq!("[fe80::1%2]:9".parse::<Endpoint>().unwrap().address().unwrap().port(), 9);
    assert_eq!("[fe80::1%no-such]:9".parse::<Endpoint>().unwrap().address(), None);
    assert_eq!("example.org:1".parse::<Endpoint>().unwrap().address(), None);
}

#[test]
fn invalid_endpoints_have_an_error() {
    for (text, error) in [
        ("", EndpointError::NoPort),
        ("::1", EndpointError::NoPort),
        ("host", EndpointError::NoPort),
        ("host:", EndpointError::NoPort),
        (":80", EndpointError::NoHost),
        ("[]:80", EndpointError::NoHost),
        ("[fe80::1%]:80", EndpointError::BadHost),
        ("[x%eth0]:80", EndpointError::BadHost),
        ("[::1", EndpointError::BadHost),
        ("[::1]80", EndpointError::NoPort),
        ("a:b:80", EndpointError::BadHost),
        ("http://x:80", EndpointError::BadHost),
        ("two words:80", EndpointError::BadHost),
        ("host:65536", EndpointError::BadPort),
        ("host:+1", EndpointError::BadPort),
        ("host:-1", EndpointError::BadPort),
    ] {
        assert_eq!(text.parse::<Endpoint>(), Err(error), "{text:?}");
    }
}
