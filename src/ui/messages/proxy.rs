//! What is said to proxies and by them, and what goes wrong.

use super::net::cause;
use crate::codec::socks::MAX_HEAD;
use crate::model::zone::Named;
use crate::model::{ClientFault, Proxy, ProxyFault, ProxyHint, ProxyMessage, ProxyNote, ProxyWords, reply};
use crate::ui::lang::Core;

/// A note of a session.
pub(super) fn note(core: &Core, note: &ProxyNote) -> String {
    let ProxyMessage { peer, sent, what, .. } = match note {
        ProxyNote::Open(local) => return core.proxy_open(local),
        ProxyNote::Said(message) => message,
    };
    let words = match what {
        ProxyWords::Offers(methods) => core.proxy_offers(methods),
        ProxyWords::Chooses(method) => core.proxy_chooses(method),
        ProxyWords::LogsIn(user) => core.proxy_logs_in(user),
        ProxyWords::LoggedIn(true) => core.proxy_logged_in(),
        ProxyWords::LoggedIn(false) => core.proxy_login_refused(),
        ProxyWords::Asks(target) => core.proxy_asks(target),
        ProxyWords::Answers(answer) => core.proxy_answers(answer),
        ProxyWords::Unknown => core.proxy_unknown(),
    };
    if *sent { core.proxy_sent(Named(*peer), words) } else { core.proxy_heard(Named(*peer), words) }
}

/// Why there is no connection through a proxy.
pub(super) fn fault(core: &Core, fault: &ProxyFault) -> String {
    match fault {
        ProxyFault::Broken(why) => core.proxy_broken(cause(core, why)),
        ProxyFault::Silent(ms) => core.no_answer(ms),
        ProxyFault::Closed => core.proxy_closed(),
        ProxyFault::NotAProxy(sent) => core.proxy_other_server(sent),
        ProxyFault::Http(status) => core.proxy_web_server(status),
        ProxyFault::Methods => core.proxy_wants_login(),
        ProxyFault::NoPassword => core.proxy_no_password(),
        ProxyFault::Login => core.proxy_login_refused(),
        ProxyFault::Reply(number) => core.proxy_answers(reply(*number)),
        ProxyFault::Status(number, reason) => core.proxy_answers(format!("{number} {reason}")),
        ProxyFault::LongName => core.proxy_long_name(),
    }
}

/// Why a client of a proxy gets no connection.
pub(super) fn client_fault(core: &Core, fault: &ClientFault) -> String {
    match fault {
        ClientFault::Socks4 => core.client_speaks("SOCKS4"),
        ClientFault::Methods => core.client_insists(),
        ClientFault::Command(2) => core.client_asks("BIND"),
        ClientFault::Command(3) => core.client_asks("UDP ASSOCIATE"),
        ClientFault::Command(number) => core.client_asks(number),
        ClientFault::Address => core.client_address(),
        ClientFault::LongHead(sent) => core.client_long_head(MAX_HEAD, sent),
        ClientFault::Http(sent) | ClientFault::Other(sent) => core.client_sent(sent),
    }
}

/// What would help.
pub(super) fn hint(core: &Core, why: &str, hint: ProxyHint) -> String {
    match hint {
        ProxyHint::Password => core.hint_proxy_password(why, Proxy::PASSWORD),
        ProxyHint::Scheme => core.hint_proxy_scheme(why),
        ProxyHint::Rules => core.hint_proxy_rules(why),
        ProxyHint::Target => core.hint_proxy_target(why),
        ProxyHint::Name => core.hint_proxy_name(why),
        ProxyHint::Supported => core.hint_proxy_supported(why),
    }
}
