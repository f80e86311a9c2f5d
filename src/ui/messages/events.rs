//! What an event's line in the log says.

use crate::model::{Ending, Flow, Origin, RecordKind, SessionNote};
use crate::ui::lang::Lang;

/// What an event's line in the log says, behind its time. `comment` is the capture's own, `noted` what the
/// session noted, if it did.
pub fn event(
    lang: Lang,
    kind: RecordKind,
    flow: Option<&Flow>,
    comment: &str,
    noted: Option<SessionNote>,
) -> String {
    let peer = flow.map_or_else(|| "?".to_owned(), |flow| flow.peer.to_string());
    match kind {
        RecordKind::Connected => match flow.map(|flow| flow.origin) {
            Some(Origin::Accepted) => {
                lang.pick(format!("{peer} connected to us"), format!("{peer} 已连接（客户端上线）"))
            }
            Some(Origin::Connected | Origin::Datagram) | None => {
                lang.pick(format!("connected to {peer}"), format!("已连接到 {peer}"))
            }
        },
        // The comment says to whom.
        RecordKind::Refused => lang.pick(format!("no connection: {comment}"), format!("未能连接：{comment}")),
        RecordKind::Ended(Ending::PeerFin) => {
            lang.pick(format!("{peer} closed its sending side (FIN)"), format!("{peer} 关闭了发送 (FIN)"))
        }
        RecordKind::Ended(Ending::OwnFin) => lang.pick(
            format!("we closed our sending side to {peer} (FIN)"),
            format!("本端关闭了对 {peer} 的发送 (FIN)"),
        ),
        RecordKind::Ended(Ending::PeerReset) => {
            lang.pick(format!("{peer} reset the connection (RST)"), format!("{peer} 复位了连接 (RST)"))
        }
        RecordKind::Ended(Ending::OwnReset) => lang.pick(
            format!("we reset the connection to {peer} (RST)"),
            format!("本端复位了与 {peer} 的连接 (RST)"),
        ),
        RecordKind::Note => note(lang, comment, noted),
        RecordKind::Received | RecordKind::Sent => String::new(),
    }
}

/// A note in the user's language; one that is not the session's own as it is.
fn note(lang: Lang, comment: &str, noted: Option<SessionNote>) -> String {
    match noted.filter(|_| lang == Lang::Zh) {
        None => comment.to_owned(),
        Some(SessionNote::Listening(address)) => format!("正在监听 {address}"),
        Some(SessionNote::Bound(address)) => format!("已绑定 {address}"),
        Some(SessionNote::StoppedListening) => "已停止监听".into(),
        Some(SessionNote::JoinedGroup(group)) => format!("已加入组播 {group}"),
        Some(SessionNote::LeftGroup(group)) => format!("已离开组播 {group}"),
        Some(SessionNote::FileStopped(done, total)) => format!("文件发送已停止：{done} / {total} 字节"),
        Some(SessionNote::Unsent(n, peer)) => format!("有 {n} 字节未发送给 {peer}"),
        Some(SessionNote::NotMade(n)) => format!("有 {n} 个短连接未建立"),
        Some(SessionNote::RecordingResumed(ms)) => format!("抓包文件中断 {ms} 毫秒后恢复写入，没有丢失数据"),
        Some(SessionNote::RecordingStopped) => "已停止记录".into(),
        Some(SessionNote::NotRecorded(received, sent)) => {
            format!("此前未记录：接收 {received} 字节，发送 {sent} 字节")
        }
        Some(SessionNote::Closed) => "会话已关闭".into(),
        Some(SessionNote::Missing(n, from, to)) => format!("抓包文件缺少 {from} 发往 {to} 的 {n} 字节"),
        Some(SessionNote::LeftOut(n)) => format!("有 {n} 个报文不是可识别的 TCP/UDP，已略过"),
    }
}
