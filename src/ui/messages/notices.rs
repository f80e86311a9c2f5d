//! What the user should read of what worked and what did not. Knows not where it is shown.

use std::path::{Path, PathBuf};

use super::{bytes, cycle_problem, file_problem, grouped, net_error, quick, rules, send_problem};
use crate::state::{Notice, Task, Unwritable};
use crate::ui::lang::Lang;

/// What the user should read.
pub fn notice(lang: Lang, notice: &Notice) -> String {
    match notice {
        Notice::Net(error) => net_error(lang, error),
        Notice::Ended(error) => lang.pick(
            format!("The session ended. {}", net_error(lang, error)),
            format!("会话已结束。{}", net_error(lang, error)),
        ),
        Notice::Failed(task, what, why) => {
            let task = doing(lang, *task);
            let space = if what.is_empty() { "" } else { " " };
            lang.pick(format!("{task}{space}{what} failed: {why}"), format!("{task}{space}{what} 失败：{why}"))
        }
        Notice::TooBusy => lang
            .pick(
                "The session is too busy to take this order: try again.",
                "会话太忙，未接受此操作：请重试。",
            )
            .into(),
        Notice::SettingsSetAside(path, why) => lang.pick(
            format!("The settings file could not be read and is set aside as {}: {why}", path.display()),
            format!("设置文件无法读取，已另存为 {}：{why}", path.display()),
        ),
        Notice::TabsSetAside(paths, why) => tabs_set_aside(lang, paths, why),
        Notice::NoDialog => lang
            .pick(
                "No file was chosen. If no dialog appeared, type the path into the field.",
                "未选择文件。如果没有出现对话框，请在路径框中直接输入。",
            )
            .into(),
        Notice::TooMuchToCopy => lang
            .pick(
                "That is more than a clipboard takes (64 MiB): use Save As.",
                "所选内容超过剪贴板上限 (64 MiB)：请用“保存到文件”。",
            )
            .into(),
        Notice::Copied(n) => lang.pick(
            format!("Copied {}", bytes(*n as u64)),
            format!("已复制 {}", bytes(*n as u64)),
        ),
        Notice::Saved(path, n) => lang.pick(
            format!("Saved {} to {}", bytes(*n), path.display()),
            format!("已保存 {} 到 {}", bytes(*n), path.display()),
        ),
        Notice::SaveFailed(why) => {
            lang.pick(format!("Saving failed: {why}"), format!("保存失败：{why}"))
        }
        Notice::SaveCancelled => {
            lang.pick("Saving was stopped; nothing was left behind.", "已停止保存，没有留下文件。").into()
        }
        Notice::NothingToSave => lang.nothing_to_save().into(),
        Notice::NotOpen => {
            lang.pick("The session is not open: press Open first.", "会话未打开：请先点击“打开”。").into()
        }
        Notice::NoPeers => lang
            .pick("There is nobody to send to: no chosen peer is connected.", "没有发送目标：所选对端均未连接。")
            .into(),
        Notice::PeerLeft => lang
            .pick("The chosen peer has left: choose another target.", "所选对端已离开：请选择其他目标。")
            .into(),
        Notice::NoRemote => lang
            .pick(
                "Where to? Fill in Remote Host Addr and Port, or choose a peer.",
                "发到哪里？请填写远程主机地址和端口，或选择一个对端。",
            )
            .into(),
        Notice::NothingToSend => lang.pick("The send box is empty.", "发送区为空。").into(),
        Notice::CannotSend(problem) => send_problem(lang, problem),
        Notice::WrongCycle(problem) => cycle_problem(lang, *problem).into(),
        Notice::CycleDone(n) => {
            let n = grouped(*n);
            lang.pick(format!("The cycle is done: sent {n} ×."), format!("循环发送完成，共 {n} 次。"))
        }
        Notice::NoSequence(name) => lang.pick(
            format!("A rule asks for the sequence ‘{name}’: there is no such page of quick sends."),
            format!("规则要运行序列“{name}”，但没有这个快捷指令页。"),
        ),
        Notice::Quick(notice) => quick::notice(lang, notice),
        Notice::WrongFile(problem) => file_problem(lang, *problem),
        Notice::FileSent(path, n) => {
            let (n, path) = (bytes(*n), path.display());
            lang.pick(format!("Sent {path}: {n}"), format!("已发送 {path}：{n}"))
        }
        Notice::FileStopped(path, done, total) => file_stopped(lang, path, *done, *total),
        Notice::FileFailed(path, done, total) => file_failed(lang, path, *done, *total),
        Notice::CannotOpen(why) => {
            lang.pick(format!("The workspace cannot be opened: {why}"), format!("无法打开工作区：{why}"))
        }
        Notice::CannotWrite(why) => unwritable(lang, why),
        Notice::CannotRead(why) => {
            lang.pick(format!("The capture cannot be read: {why}"), format!("无法读取抓包：{why}"))
        }
        Notice::Torn => lang
            .pick(
                "The end of this capture is torn off (the program or the system stopped while writing). All that is whole is shown.",
                "此抓包的末尾不完整（程序或系统在写入时中断）。完整的部分已全部显示。",
            )
            .into(),
    }
}

fn tabs_set_aside(lang: Lang, paths: &[PathBuf], why: &str) -> String {
    let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    lang.pick(
        format!("A stored tab could not be read and is set aside as {}: {why}", paths.join(", ")),
        format!("保存的标签无法读取，已另存为 {}：{why}", paths.join("、")),
    )
}

/// A file of that name is there.
pub fn exists(lang: Lang, path: &Path) -> String {
    let path = path.display();
    lang.pick(format!("{path} exists already."), format!("{path} 已存在。"))
}

/// Why a session cannot be saved as a workspace.
fn unwritable(lang: Lang, why: &Unwritable) -> String {
    match why {
        Unwritable::Form => lang
            .pick(
                "The session cannot be saved: correct its settings first.",
                "无法保存会话：请先改正网络设置中的错误。",
            )
            .into(),
        Unwritable::Append => lang
            .pick(
                "The session cannot be saved: correct what the send box appends first.",
                "无法保存会话：请先改正发送附加位。",
            )
            .into(),
        Unwritable::Rule { nth, name, problem } => {
            let why = rules::rule_trouble(lang, &problem.why);
            let name = if name.is_empty() {
                String::new()
            } else {
                lang.pick(format!(" ‘{name}’"), format!("“{name}”"))
            };
            lang.pick(
                format!("The session cannot be saved: correct rule {nth}{name}, or switch it off. {why}"),
                format!("无法保存会话：请改正或停用第 {nth} 条规则{name}。{why}"),
            )
        }
        Unwritable::Faults(problem) => {
            let why = rules::rule_trouble(lang, &problem.why);
            lang.pick(
                format!("The session cannot be saved: correct the faults of its rules first. {why}"),
                format!("无法保存会话：请先改正应答故障设置。{why}"),
            )
        }
    }
}

fn file_stopped(lang: Lang, path: &Path, done: u64, total: u64) -> String {
    let (path, done, total) = (path.display(), grouped(done), grouped(total));
    lang.pick(
        format!("Stopped {path} after {done} of {total} bytes."),
        format!("已停止发送 {path}：{done} / {total} 字节。"),
    )
}

fn file_failed(lang: Lang, path: &Path, done: u64, total: u64) -> String {
    let (path, done, total) = (path.display(), grouped(done), grouped(total));
    lang.pick(
        format!("Only {done} of {total} bytes of {path} were sent."),
        format!("{path} 只发送了 {done} / {total} 字节。"),
    )
}

fn doing(lang: Lang, task: Task) -> &'static str {
    match task {
        Task::Starting => lang.pick("Starting a job:", "启动任务"),
        Task::ListingAddresses => lang.pick("Listing local addresses", "列出本机地址"),
        Task::ListingCaptures => lang.pick("Opening the folder of captures", "打开抓包文件夹"),
        Task::DeletingCapture => lang.pick("Deleting", "删除"),
        Task::RemovingOldCaptures => lang.pick("Removing old captures", "清理旧抓包"),
        Task::Reading => lang.pick("Reading", "读取"),
        Task::WritingSettings => lang.pick("Writing the settings to", "写入设置"),
        Task::ReadingSettings => lang.pick("Reading the settings from", "读取设置"),
        Task::WritingTabs => lang.pick("Saving the tabs in", "保存标签到"),
        Task::ReadingTabs => lang.pick("Reading the tab", "读取标签"),
        Task::WritingHistory => lang.pick("Writing the history to", "写入历史发送"),
        Task::ReadingHistory => lang.pick("Reading the history from", "读取历史发送"),
    }
}
