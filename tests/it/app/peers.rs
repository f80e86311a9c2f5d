//! The panel of all peers: searched, sorted, ticked, chosen.

use std::io::Write as _;
use std::net::TcpStream;

use egui_kittest::kittest::Queryable as _;
use netassist::model::Protocol;
use netassist::state::Side;
use netassist::ui::lang::Lang;
use netassist::workspace::SendTo;

use super::history::drag;
use super::home::{Home, call, read, read_to_end, server_with_client};
use super::window::{CTRL, Window, said};

fn address(stream: &TcpStream) -> String {
    stream.local_addr().unwrap().to_string()
}

/// The peers that the panel shows, from the top.
fn listed(window: &Window) -> Vec<String> {
    let name = format!("{} ", window.lang.send_only_to());
    let rows = window.harness.root();
    let rows = rows.query_all_by_label_contains(&name);
    let mut rows: Vec<_> = rows.map(|node| (node.rect().top(), said(&node))).collect();
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
        window.click(&format!("{} {}", lang.peers_sort(), lang.sort_received()));
        let sorted: Vec<String> = [2, 1, 0].map(|n| address(&clients[n])).into();
        window.wait_until("their order", |window| listed(window).starts_with(&sorted));

        window.set_text(lang.peers_search(), "127. rx>1999");
        window.wait_until("those found", |window| listed(window) == sorted[..2]);
        window.wait_for_text(&lang.peers_found(2, 40));
        window.click(&format!("{} {}", lang.send_only_to(), sorted[1]));
        assert!(matches!(window.tab().session.send_to, SendTo::Peer(_)));
        window.set_text(lang.send_box(), "you");
        window.click(lang.send());
        assert_eq!(read(&clients[1], 3), b"you");

        window.click(lang.tick_found_tip());
        assert_eq!(window.tab().ticked().count(), 38, "those that are found");
        window.click(lang.tick_found_tip());
        assert_eq!(window.tab().ticked().count(), 40);
        window.click(lang.only_these());
        assert_eq!(window.tab().filtered.filter.flows.iter().flatten().count(), 2);
        window.click(lang.send_to_these());
        assert_eq!(window.tab().session.send_to, SendTo::Ticked);
        assert_eq!(window.tab().ticked().count(), 2, "and nobody else");
        window.click(&format!("{} (2)", lang.disconnect()));
        assert_eq!(window.tab().peers.len(), 40, "it asks");
        window.click(&lang.disconnect_these(2));
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

/// The list as a table.
fn widen(window: &mut Window) {
    window.harness.set_size(egui::vec2(1366.0, 768.0));
    window.settle();
    let place = window.log_rect().right_center();
    drag(window, place, place - egui::vec2(300.0, 0.0));
    window.settle();
}

/// A peer's name is shown in place of its address, wherever a person reads.
#[test]
fn peers_have_names() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        let address = address(&client);
        client.write_all(b"hello").unwrap();
        window.wait_for_text("hello");
        window.click(&format!("{} {address}", lang.peer_actions()));
        window.click(lang.rename_peer());
        window.set_text(lang.peer_name(), &"x".repeat(65));
        window.key(egui::Modifiers::NONE, egui::Key::Enter);
        assert!(window.tab().rename.is_some(), "a name that is too long is not taken");
        window.set_text(lang.peer_name(), "Meter 7");
        window.key(egui::Modifiers::NONE, egui::Key::Enter);
        window.settle();
        assert_eq!(window.tab().rename, None);
        let peer = window.tab().peers.values().next().unwrap().flow.peer;
        assert_eq!(window.tab().session.names.of_host(peer), Some("Meter 7"), "its next port has it, too");
        let rows = window.rows();
        assert!(rows.iter().any(|row| row.contains("Meter 7") && row.contains("hello")), "{rows:?}");
        assert!(!rows.iter().any(|row| row.contains(&address) && row.contains("hello")), "{rows:?}");
        window.set_text(lang.send_box(), "x");
        window.choose(lang.send_to(), &format!("Meter 7 {address}"));
        assert!(matches!(window.tab().session.send_to, SendTo::Peer(_)));
        window.click(lang.peers_search());
        window.set_text(lang.peers_search(), "METER");
        window.wait_until("it", |window| listed(window) == [format!("Meter 7 {address}")]);
        window.set_text(lang.peers_search(), "nobody");
        window.wait_until("no other", |window| listed(window).is_empty());
        window.set_text(lang.peers_search(), "");
        window.wait_until("it again", |window| listed(window).len() == 1);
        window.key(CTRL, egui::Key::P);
        window.harness.event(egui::Event::Text("Meter".to_owned()));
        window.settle();
        let only = lang.palette_only_to(format!("Meter 7 {address}"));
        let is_offered = |window: &Window| {
            let mut options = window.harness.root().query_all_by_role(egui::Role::ListBoxOption);
            options.any(|node| said(&node).starts_with(&only))
        };
        assert!(is_offered(&window), "{only}");
        window.key(egui::Modifiers::NONE, egui::Key::Escape);
        // An empty name removes it.
        window.click(&format!("{} Meter 7 {address}", lang.peer_actions()));
        window.click(lang.rename_peer());
        window.set_text(lang.peer_name(), " ");
        window.click(lang.name_keep());
        assert_eq!(window.tab().session.names.get(peer), None);
        // Events have it, too.
        window.click(&format!("{} {address}", lang.peer_actions()));
        window.click(lang.rename_peer());
        window.set_text(lang.peer_name(), "Meter 8");
        window.key(egui::Modifiers::NONE, egui::Key::Enter);
        drop(client);
        window.wait_peers(0);
        let name = "Meter 8".to_owned();
        // The peer has a column of its own; a long event goes on in the next row.
        for told in [lang.accepted(&name), lang.peer_fin(&name), lang.own_fin(&name)] {
            let told = told.strip_prefix("Meter 8 ").map_or(told.clone(), |rest| {
                let (first, rest) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
                format!("Meter 8  {}{rest}", first.to_uppercase())
            });
            let told = told.split("(FIN)").next().unwrap().trim_end();
            window.wait_until(told, |window| window.rows().iter().any(|row| row.contains(told)));
        }
        assert!(!window.rows().iter().any(|row| row.contains(&address)), "{:?}", window.rows());
    }
}

#[test]
fn nobody_else_comes_under_the_pointer_or_an_open_menu() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    let server = window.open(Protocol::TcpServer);
    let mut clients: Vec<TcpStream> = (0..3).map(|_| call(server)).collect();
    window.wait_peers(3);
    window.click(lang.all_peers_panel());
    widen(&mut window);
    window.click(&format!("{} {}", lang.peers_sort(), lang.sort_received()));
    let addresses: Vec<String> = clients.iter().map(address).collect();
    let order = |all: [usize; 3]| all.map(|n| addresses[n].clone()).to_vec();
    let [came, turned] = [order([0, 1, 2]), order([2, 0, 1])];
    window.wait_until("as they came", |window| ticks(window) == came);
    let row = window.control(&came[1], 0).rect().center();
    // Looks go on while the pointer is elsewhere, wherever it has just moved.
    clients[2].write_all(b"more").unwrap();
    window.wait_until("most first", |window| ticks(window) == turned);
    clients[1].write_all(b"still more").unwrap();
    let mut step = 0.0;
    let mut wiggle = |window: &mut Window| {
        step = 1.0 - step;
        window.harness.event(egui::Event::PointerMoved(row + egui::vec2(step, 0.0)));
        window.step();
    };
    while window.tab().counters.received < 14 {
        wiggle(&mut window);
    }
    for _ in 0..20 {
        wiggle(&mut window);
        assert_eq!(ticks(&window), turned, "while one points at them");
    }
    window.harness.remove_cursor();
    let now = order([1, 2, 0]);
    window.wait_until("the new order", |window| ticks(window) == now);
    window.click(&format!("{} {}", lang.peer_actions(), now[0]));
    clients[0].write_all(b"by far the most").unwrap();
    window.wait_until("it", |window| window.tab().counters.received == 29);
    window.harness.run_steps(20);
    assert_eq!(ticks(&window), now, "while a menu is open");
    window.click(lang.half_close());
    let last = order([0, 1, 2]);
    window.wait_until("after it", |window| ticks(window) == last);
}

#[test]
fn the_table_of_peers_is_sorted_by_its_head() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    let server = window.open(Protocol::TcpServer);
    let mut clients: Vec<TcpStream> = (0..3).map(|_| call(server)).collect();
    window.wait_peers(3);
    for (n, bytes) in [(0, 10), (1, 3000), (2, 500)] {
        clients[n].write_all(&vec![b'x'; bytes]).unwrap();
    }
    window.wait_until("all", |window| window.tab().counters.received == 3510);
    window.click(lang.all_peers_panel());
    widen(&mut window);
    assert!(window.controls(lang.peers_sort()).is_empty(), "the head is the one way to sort");
    let order = |all: [usize; 3]| all.map(|n| address(&clients[n])).to_vec();
    let head = format!("{} {}", lang.peers_sort(), lang.sort_received());
    window.click(&head);
    window.wait_until("most first", |window| ticks(window) == order([1, 2, 0]));
    window.click(&format!("{head}, {}", lang.descending()));
    window.wait_until("least first", |window| ticks(window) == order([0, 2, 1]));
    window.click(&format!("{head}, {}", lang.ascending()));
    window.wait_until("as they came", |window| ticks(window) == order([0, 1, 2]));
    window.click(lang.tick_found_tip());
    assert_eq!(window.tab().ticked().count(), 0);
    window.click(&address(&clients[1]));
    assert_eq!(window.tab().ticked().count(), 1);
    let newcomer = call(server);
    window.wait_peers(4);
    assert_eq!(window.tab().ticked().count(), 1, "a choice does not grow");
    drop(newcomer);
    window.wait_peers(3);
    window.click(lang.rename_peer());
    window.set_text(lang.peer_name(), "One");
    window.click(lang.name_keep());
    window.wait_until("its name", |window| ticks(window).iter().any(|row| row.starts_with("One ")));

    window.click(lang.by_subnet());
    assert!(window.tab().session.view.by_subnet, "it is kept");
    let group = format!("127.0.0.0/24, {}", lang.subnet_count(3));
    window.wait_until("the group", |window| !window.controls(&group).is_empty());
    window.click(&group);
    window.wait_until("folded", |window| ticks(window).is_empty());
    window.click(&group);
    window.wait_until("unfolded", |window| ticks(window).len() == 3);
}

#[test]
fn without_peers_the_panel_draws_nothing_anew() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.open(Protocol::TcpServer);
    window.click(lang.all_peers_panel());
    widen(&mut window);
    window.wait_until("rest", |window| {
        let output = window.harness.output();
        output.viewport_output[&egui::ViewportId::ROOT].repaint_delay == std::time::Duration::MAX
    });
}

/// The peers of the table, from the top.
fn ticks(window: &Window) -> Vec<String> {
    let root = window.harness.root();
    let boxes = egui_kittest::kittest::Queryable::query_all_by_role(&root, egui::Role::CheckBox);
    let boxes = boxes.map(|node| (node.rect().top(), said(&node)));
    let mut rows: Vec<_> = boxes.filter(|(_, said)| said.contains("127.0.0.1:")).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, said)| said).collect()
}
