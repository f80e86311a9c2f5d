//! What is wrong with a capture that cannot be read.

use crate::codec::worded_enum;

worded_enum! {
    /// What is wrong with a capture that cannot be read.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    pub enum CaptureFault {
        Empty = "the file is empty";
        NoCapture = "not a capture: neither pcapng nor pcap";
        Snoop = "a snoop file, which is not supported; convert it with editcap";
        BluetoothSnoop = "a Bluetooth snoop file: it has no TCP or UDP";
        NetworkMonitor = "a Network Monitor file, which is not supported; convert it with editcap";
        Sniffer = "a Sniffer file, which is not supported; convert it with editcap";
        NetXRay = "a NetXRay file, which is not supported; convert it with editcap";
        Compressed = "the file is compressed; unpack it first";
        Packed(String) = "damaged compressed data: {0}";
        TooLarge(u64) = "unpacked, it has more than {0} bytes; unpack it first, or raise the limit with export --max-unpacked";
        LinkType(String) = "unsupported link type {0}";
        ByteOrder = "unknown byte order of a section";
        PacketLength(u32) = "invalid packet length {0}";
        BlockLength(u32) = "invalid block length {0}";
        Trailer = "the length at the end of the block differs";
        InterfaceCutOff = "truncated interface block";
        Interfaces = "too many interfaces";
        PacketCutOff = "truncated packet block";
        NoInterface = "packet on an undefined interface";
        PacketTooLong = "the packet is longer than its block";
        OtherPacket = "the packet has another length than in the index";
        OtherNote = "the note has another length than in the index";
        OtherBlock = "not the block that the index points to";
        NoRoom = "the packet is too short for its headers";
        Fragment = "the packet is a fragment";
        NoIp = "the packet is neither IPv4 nor IPv6";
        NoTransport = "the packet is neither TCP nor UDP";
        Lengths = "the lengths in the packet contradict each other";
        NotWhole = "the packet is not recorded whole";
    }
}
