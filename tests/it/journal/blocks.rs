//! Every block as an independent parser sees it.

use std::fs::File;

use netassist::journal::Writer;
use netassist::model::{Cast, Direction, Ending, Origin, Recorder, Stamp, Transport};
use pcap_file::DataLink;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionOption;
use pcap_file::pcapng::blocks::interface_statistics::InterfaceStatisticsOption;
use pcap_file::pcapng::blocks::name_resolution::Record as NameRecord;
use pcap_file::pcapng::{Block, PcapNgReader};

use super::address;

const START: u64 = 1_763_679_675_000_000_000;

/// One line a block, as short as can be.
fn describe(block: &Block<'_>) -> String {
    match block {
        Block::InterfaceDescription(block) => {
            assert_eq!((block.linktype, block.snaplen), (DataLink::RAW, 0));
            let options = block.options.iter().map(|option| match option {
                InterfaceDescriptionOption::IfName(name) => format!(" name={name}"),
                InterfaceDescriptionOption::IfDescription(text) => format!(" description={text}"),
                InterfaceDescriptionOption::IfTsResol(unit) => format!(" resolution={unit}"),
                other => format!(" {other:?}"),
            });
            format!("interface{}", options.collect::<String>())
        }
        Block::EnhancedPacket(block) => {
            assert_eq!(block.original_len as usize, block.data.len());
            let options = block.options.iter().map(|option| match option {
                EnhancedPacketOption::Comment(text) => format!(" {text:?}"),
                EnhancedPacketOption::Flags(flags) => format!(" {flags:04b}"),
                other => format!(" {other:?}"),
            });
            let options = options.collect::<String>();
            let at = block.timestamp.as_nanos() - u128::from(START);
            format!("packet on {} at {at}, {} bytes{options}", block.interface_id, block.data.len())
        }
        Block::NameResolution(block) => {
            let names = block.records.iter().map(|record| match record {
                NameRecord::Ipv4(record) => format!(" {:?}={:?}", record.ip_addr, record.names),
                NameRecord::Ipv6(record) => format!(" {:?}={:?}", record.ip_addr, record.names),
                other @ (NameRecord::Unknown(_) | NameRecord::End) => format!(" {other:?}"),
            });
            format!("names{}", names.collect::<String>())
        }
        Block::InterfaceStatistics(block) => {
            let options = block.options.iter().map(|option| match option {
                InterfaceStatisticsOption::Comment(text) => format!(" {text:?}"),
                InterfaceStatisticsOption::IsbIfRecv(n) => format!(" received={n}"),
                InterfaceStatisticsOption::IsbOsDrop(n) => format!(" dropped={n}"),
                other => format!(" {other:?}"),
            });
            format!("statistics of {}{}", block.interface_id, options.collect::<String>())
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn an_independent_parser_reads_every_block() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let mut w = Writer::create(&path).unwrap();
    let at = |n: u64| Stamp(START + n);
    w.begin("echo", "udp 127.0.0.1:9", at(0));
    w.host("localhost", address("127.0.0.1:0").ip());
    w.note("bound", at(1));
    let peer = |port: u16| address(&format!("127.0.0.1:{port}"));
    let flow = |w: &mut Writer, transport, port, origin, n| {
        w.flow(transport, address("127.0.0.1:9"), peer(port), origin, at(n)).id
    };

    let a = flow(&mut w, Transport::Udp, 1, Origin::Datagram, 2);
    w.data(a, Direction::Received, Cast::Unicast, true, b"", at(2));
    w.data(a, Direction::Sent, Cast::Broadcast, true, b"12345", at(3));
    // Time does not go back.
    w.data(a, Direction::Received, Cast::Multicast, true, b"1", at(1));
    w.finish(Some(7), at(4));

    w.begin("回声", "tcp-client 127.0.0.1:80", at(10));
    let b = flow(&mut w, Transport::Tcp, 80, Origin::Connected, 10);
    w.refused(b, "连接被拒绝", at(15));
    // A call whose end is never told has no packet, so that the next needs a label.
    flow(&mut w, Transport::Tcp, 80, Origin::Connected, 20);
    let c = flow(&mut w, Transport::Tcp, 80, Origin::Connected, 21);
    w.connected(c, at(25));
    w.data(c, Direction::Sent, Cast::Unicast, true, &vec![1; 65_496], at(26));
    w.ended(c, Ending::PeerReset, at(27));
    w.finish(Some(0), at(28));
    w.commit().unwrap();

    let mut reader = PcapNgReader::new(File::open(&path).unwrap()).unwrap();
    let mut lines = Vec::new();
    while let Some(block) = reader.next_block() {
        lines.push(describe(&block.unwrap()));
    }
    let expected = [
        "interface name=echo description=udp 127.0.0.1:9 resolution=9",
        "names [127, 0, 0, 1]=[\"localhost\"]",
        "statistics of 0 \"bound\"",
        "packet on 0 at 2, 28 bytes 0101",
        "packet on 0 at 3, 33 bytes 1110",
        "packet on 0 at 3, 29 bytes 1001",
        "statistics of 0 received=10 dropped=7",
        "interface name=回声 description=tcp-client 127.0.0.1:80 resolution=9",
        // The call began at 10 and was refused at 15.
        "packet on 1 at 10, 48 bytes 0110",
        "packet on 1 at 15, 40 bytes \"连接被拒绝\" 0101",
        // The call began at 21 and was answered at 25.
        "packet on 1 at 21, 48 bytes \"flow 3\" 0110",
        "packet on 1 at 25, 48 bytes 0101",
        "packet on 1 at 25, 40 bytes 0110",
        "packet on 1 at 26, 65535 bytes 0110",
        "packet on 1 at 26, 41 bytes 0110",
        "packet on 1 at 27, 40 bytes 0101",
        "statistics of 1 received=8 dropped=0",
    ];
    assert_eq!(lines, expected);
}
