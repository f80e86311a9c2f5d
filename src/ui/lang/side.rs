//! The words of the panel beside the log, and of its page of what was sent. The other two pages have files of
//! their own.

use super::Lang;

words! {
    // The panel.
    close_side: "Close the panel", "关闭侧栏";
    close_side_tip: "Close the panel beside the log (Escape in its search)", "关闭日志旁的侧栏 (在搜索框中按 Esc)";

    // The page of what was sent.
    history: "History", "历史发送";
    history_tip: "The last 500 things sent from this tab, kept over restarts (Ctrl+H)", "此标签最近发送的 500 条内容，重启后仍保留 (Ctrl+H)";
    history_search: "Search what was sent", "搜索历史发送";
    history_search_tip: "A part of what was sent; Enter puts the first one into the send box, Escape closes", "输入部分内容；回车将第一条放入发送区，Esc 关闭";
    history_empty: "Nothing sent yet.", "还没有发送过内容。";
    history_entry_tip: "A click puts it into the send box, a double click sends it. ↑ and ↓ in the box walk through the history.", "单击放入发送区，双击直接发送。在发送区中按 ↑ ↓ 可逐条翻看历史。";
    history_send_tip: "Send this again; what is in the send box stays", "再次发送这一条，发送区内容不变";
    history_forget: "Forget", "删除记录";
    history_forget_tip: "Take this out of the history", "从历史发送中删除";
}
