//! The panel of all peers: searched, sorted, ticked, chosen.

use std::io::Write as _;
use std::net::TcpStream;

use netassist::model::Protocol;
use netassist::state::{SendTo, Side};
use netassist::ui::lang::Lang;

use super::home::{Home, call, read, read_to_end, server_with_client};
use super::window::Window;

fn address(stream: &TcpStream) -> String {
    stream.local_addr().unwrap().to_string()
}

/// The peers that the panel shows, from the top.
fn listed(window: &Window) -> Vec<String> {
    let name = format!("{} ", window.lang.send_only_to());
    let rows = window.harness.root();
    let rows = egui_kittest::kittest::Queryable::query_all_by_label_contains(&rows, &name);
    let mut rows: Vec<_> = rows.map(|node| (node.rect().top(), super::window::said(&node))).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().filter_map(|(_, said)| said.strip_prefix(&name).map(str::to_owned)).collect()
}

#[test]
fn peers_are_found_sorted_chosen_and_disconnected() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        let server = window.open(Protocol::TcpServer);
        let mut clients: Vec<TcpStream> = (0..40).map(|_| call(server)).collect();
        window.wait_peers(40);
        for (n, client) in clients.iter_mut().enumerate().take(3) {
            client.write_all(&vec![b'x'; 1000 * (n + 1)]).unwrap();
        }
        window.wait_until("all", |window| window.tab().counters.received == 6000);
        window.click(lang.all_peers_panel());
        window.wait_for_text(&lang.peers_found(40, 40));
        window.settle();
        assert!(listed(&window).len() < 40, "only those in sight");
        assert_eq!(listed(&window)[..2], [address(&clients[0]), address(&clients[1])]);
        window.choose(lang.peers_sort(), lang.sort_received());
        let sorted: Vec<String> = [2, 1, 0].map(|n| address(&clients[n])).into();
        window.wait_until("their order", |window| listed(window).starts_with(&sorted));

        window.set_text(lang.peers_search(), "127. rx>1999");
        window.wait_until("those found", |window| listed(window) == sorted[..2]);
        window.wait_for_text(&lang.peers_found(2, 40));
        window.click(&format!("{} {}", lang.send_only_to(), sorted[1]));
        assert!(matches!(window.tab().send.to, SendTo::Peer(_)));
        window.set_text(lang.send_box(), "you");
        window.click(lang.send());
        assert_eq!(read(&clients[1], 3), b"you");

        window.click(&lang.peers_found(2, 40));
        assert_eq!(window.tab().ticked().count(), 38, "those that are found");
        window.click(&lang.peers_found(2, 40));
        assert_eq!(window.tab().ticked().count(), 40);
        window.click(&format!("{} (2)", lang.disconnect()));
        assert_eq!(read_to_end(&clients[2]), b"");
        window.wait_peers(38);
        window.wait_for_text(&lang.peers_found(0, 38));
        window.set_text(lang.peers_search(), &clients[0].local_addr().unwrap().port().to_string());
        window.wait_until("it alone", |window| listed(window) == sorted[2..]);
        // Whoever comes and goes is seen.
        drop(clients.remove(0));
        window.wait_until("nobody", |window| listed(window).is_empty());
    }
}

#[test]
fn the_list_of_peers_leads_to_their_search() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, client) = server_with_client(&home, lang);
    window.click(lang.peers_search());
    assert_eq!(window.state().layout.side, Some(Side::Peers));
    assert!(window.harness.ctx.text_edit_focused(), "one types at once");
    let port = client.local_addr().unwrap().port().to_string();
    window.harness.event(egui::Event::Text(port.clone()));
    window.settle();
    assert_eq!(window.value(lang.peers_search()), port);
}
