//! What a session could not do, and why; what has come of short connections. Knows no field of the window.

use super::typed::append_zh;
use super::{capitalised, grouped, rules};
use crate::model::{Cause, Doing, FileChange, NetError, ShortTally};
use crate::ui::lang::Lang;

/// What failed, at which address, and why.
pub fn net_error(lang: Lang, error: &NetError) -> String {
    match lang {
        Lang::En => capitalised(&error.to_string()),
        Lang::Zh => {
            let doing = doing_zh(error.doing);
            let cause = cause_zh(&error.cause);
            if error.what.is_empty() {
                format!("{doing}失败：{cause}")
            } else {
                format!("{doing} {} 失败：{cause}", error.what)
            }
        }
    }
}

fn doing_zh(doing: Doing) -> String {
    match doing {
        Doing::Resolving => "解析主机名".into(),
        Doing::Binding => "绑定".into(),
        Doing::Listening => "监听".into(),
        Doing::Connecting => "连接".into(),
        Doing::Accepting => "接受客户端连接".into(),
        Doing::Sending => "发送到".into(),
        Doing::Repeating => "循环发送".into(),
        Doing::RunningSequence => "执行发送序列".into(),
        Doing::Receiving => "接收自".into(),
        Doing::HalfClosing => "半关闭".into(),
        Doing::SettingOption(name) => format!("设置选项 {name}"),
        Doing::Joining => "加入组播".into(),
        Doing::Leaving => "离开组播".into(),
        Doing::Recording => "写入抓包文件".into(),
        Doing::ReadingFile => "读取文件".into(),
        Doing::SavingFile => "保存文件".into(),
        Doing::Answering => "自动应答".into(),
        Doing::Starting => "启动会话".into(),
    }
}

fn cause_zh(cause: &Cause) -> String {
    match cause {
        Cause::Os { kind, text } => {
            use std::io::ErrorKind as Kind;
            let known = match kind {
                Kind::ConnectionRefused => "对端拒绝连接",
                Kind::ConnectionReset => "连接被对端复位",
                Kind::ConnectionAborted => "连接被中止",
                Kind::NotConnected => "未连接",
                Kind::AddrInUse => "地址已被占用",
                Kind::AddrNotAvailable => "本机没有这个地址",
                Kind::HostUnreachable => "主机不可达",
                Kind::NetworkUnreachable => "网络不可达",
                Kind::NetworkDown => "网络已断开",
                Kind::BrokenPipe => "连接已关闭",
                Kind::PermissionDenied => "没有权限",
                Kind::NotFound => "不存在",
                Kind::AlreadyExists => "已存在",
                Kind::TimedOut => "超时",
                Kind::StorageFull => "磁盘已满",
                Kind::IsADirectory => "这是一个文件夹",
                Kind::NotADirectory => "这不是文件夹",
                // The list of kinds is open: the system's own text is right for all others.
                _ => return text.clone(),
            };
            format!("{known} ({text})")
        }
        Cause::TimedOut(ms) => format!("{ms} 毫秒内无响应"),
        Cause::NoAddress => "该主机名没有地址".into(),
        Cause::QueueFull(waiting, most) => {
            format!("对端读取太慢：已有 {waiting} 字节待发送，最多 {most} 字节")
        }
        Cause::TooLong(len, most) => format!("报文长 {len} 字节，最多 {most} 字节"),
        Cause::NoPeer => "没有发送目标".into(),
        Cause::PeerGone => "对端已离开".into(),
        Cause::ClosedUnanswered => "对端未应答就关闭了连接".into(),
        Cause::SendingClosed => "本端发送已关闭".into(),
        Cause::TooManyRepeats(most) => format!("同时进行的已达上限 {most} 个"),
        Cause::Rule(fault) => rules::rule_fault(Lang::Zh, fault),
        Cause::TooManyAnswers(most) => format!("等待发出的应答已达上限 {most} 条"),
        Cause::TooManyNotes(most) => format!("规则添加的备注已达上限 {most} 条"),
        Cause::DiskTooSlow(waiting, most) => {
            format!("磁盘太慢：已有 {waiting} 字节待保存，最多 {most} 字节")
        }
        Cause::NotForThisProtocol => "此协议不支持该操作".into(),
        Cause::TooManyFiles(most) => format!("同时发送的文件已达上限 {most} 个"),
        Cause::LineTooLong(most) => format!("有一行超过 {most} 字节"),
        Cause::FileChanged(change) => file_change_zh(*change),
        Cause::CannotAppend(fault) => append_zh(*fault),
    }
}

fn file_change_zh(change: FileChange) -> String {
    match change {
        FileChange::Shrunk(sent, len) => format!("发送期间文件变短：{len} 字节中只能发送 {sent} 字节"),
        FileChange::Grown(by) => format!("发送期间文件增长了 {by} 字节，增长部分未发送"),
        FileChange::Rewritten => "发送期间文件被改写，发出的可能新旧混杂".into(),
        FileChange::Removed => "发送期间文件被删除，但内容已全部发送".into(),
    }
}

/// What has come of short connections: how many, and the shortest, mean and longest time.
pub fn short_tally(lang: Lang, tally: &ShortTally) -> String {
    let ShortTally { done, failed, times } = *tally;
    let (done, failed) = (grouped(done), grouped(failed));
    let (Some(times), Some(mean)) = (times, tally.mean()) else {
        return lang.pick(
            format!("Short connections: {done} done, {failed} failed"),
            format!("短连接：成功 {done}，失败 {failed}"),
        );
    };
    let ms = |time: std::time::Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
    let (least, mean, most) = (ms(times.least), ms(mean), ms(times.most));
    lang.pick(
        format!("Short connections: {done} done, {failed} failed, in {least} / {mean} / {most} ms"),
        format!("短连接：成功 {done}，失败 {failed}，耗时 {least} / {mean} / {most} 毫秒"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::append::AppendFault;
    use crate::model::{NameFault, RuleFault};

    #[test]
    fn errors_say_what_where_and_why_in_both_languages() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = NetError::new(Doing::Connecting, "127.0.0.1:1", refused);
        assert_eq!(net_error(Lang::En, &error), "Cannot connect to 127.0.0.1:1: connection refused");
        assert_eq!(net_error(Lang::Zh, &error), "连接 127.0.0.1:1 失败：对端拒绝连接 (connection refused)");
    }

    #[test]
    fn a_rule_that_cannot_be_followed_says_why_in_the_language_of_the_window() {
        let fault = RuleFault::Name("../x".to_owned(), NameFault::LeavesFolder);
        let error = NetError::new(Doing::Answering, "127.0.0.1:1", Cause::Rule(fault));
        assert_eq!(
            net_error(Lang::En, &error),
            "Cannot answer 127.0.0.1:1: file name ‘../x’ is not allowed: it leaves the folder"
        );
        assert_eq!(
            net_error(Lang::Zh, &error),
            "自动应答 127.0.0.1:1 失败：拒绝文件名“../x”：路径超出该文件夹"
        );
        let fault = AppendFault::NothingToCheck { len: 1, from: 2, until: 0 };
        let error = NetError::new(Doing::Answering, "", Cause::Rule(RuleFault::Append(fault)));
        assert_eq!(net_error(Lang::Zh, &error), "自动应答失败：消息长 1 字节，校验和却要跳过首 2、尾 0 字节");
    }
}
