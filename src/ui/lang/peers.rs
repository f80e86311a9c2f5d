//! The words of the list of peers and of the status line, which counts them.

use super::Lang;

words! {
    // Peers.
    all_connections: "All Connections", "所有连接";
    known_peers: "Peers", "对端";
    peers_tip: "Ticked peers are addressed by the target “Ticked”", "勾选的对端对应目标“勾选的”";
    disconnect: "Disconnect", "断开";
    disconnect_tip: "Close this connection once what waits is sent", "发送完剩余数据后断开此连接";
    forget: "Forget", "移除";
    forget_tip: "Take this peer off the list; it comes back with its next datagram", "从列表移除；下次收到其数据时再出现";
    half_close: "Half-close", "半关闭";
    half_close_tip: "Close our sending side (FIN); receiving goes on", "关闭本端发送 (FIN)，仍可接收";
    reset_peer: "Break off (RST)", "强行断开 (RST)";
    reset_peer_tip: "Break the connection off with RST", "用 RST 强行断开";
    send_only_to: "Send to this peer", "只发给它";
    send_only_to_tip: "Address the send box to this peer", "把发送目标设为此对端";
    peer_actions: "Actions", "操作";
    no_peers: "Nobody is connected yet.", "还没有连接。";

    // Status.
    status: "Status", "状态";
    ready: "Ready!", "就绪!";
    not_open: "Not open", "未打开";
    opening: "Opening …", "正在打开…";
    connecting: "Connecting …", "正在连接…";
    listening: "Listening", "正在监听";
    connected: "Connected", "已连接";
    bound: "Open", "已打开";
    not_listening: "No longer listening", "已停止监听";
    viewing: "Looking at a capture", "正在查看抓包";
    loading: "Reading …", "正在读取…";
    paused: "Display paused; recording goes on", "显示已暂停，记录继续";
    reset: "Reset", "复位计数";
    reset_tip: "Count from zero", "计数清零";
    received_count: "RX", "RX";
    sent_count: "TX", "TX";
    waiting: "Waiting", "待发送";
    resume_recording: "Record again", "恢复记录";
    resume_recording_tip: "A rule has stopped the recording: what is sent and received is counted, but not kept. Click to keep it again", "规则已停止记录：收发的数据仍计数，但不保存。单击恢复记录";
    dropped: "Dropped by the system", "系统丢弃";
    peers: "Peers", "连接数";
    dismiss: "Dismiss", "知道了";
    dismiss_tip: "Take this message away (Esc)", "收起此消息 (Esc)";
}
