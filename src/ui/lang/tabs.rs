//! The words of the tabs, of the menu beside them, and of the questions before something is closed.

use super::Lang;

words! {
    // The tabs and the bar beside them.
    new_tab: "New tab", "新建标签";
    new_tab_tip: "One more session, with the settings of this one (Ctrl+T)", "再开一个会话，沿用当前设置 (Ctrl+T)";
    close_tab: "Close tab", "关闭标签";
    close_tab_tip: "Close this tab (Ctrl+W). Its capture stays under Recent captures; Ctrl+Shift+T brings the tab back.", "关闭此标签 (Ctrl+W)。其抓包仍在“最近的抓包”中；Ctrl+Shift+T 可恢复标签。";
    tab_tip: "Ctrl+Tab goes to the next tab", "Ctrl+Tab 切换到下一个标签";
    recent_captures: "Recent captures", "最近的抓包";
    recent_captures_tip: "Everything sent and received in earlier sessions (Ctrl+O)", "以前会话收发的全部数据 (Ctrl+O)";
    menu: "Menu", "菜单";
    menu_tip: "Language, theme, keys (F10)", "语言、主题、按键 (F10)";
    language: "Language", "语言";
    theme: "Theme", "主题";
    follow_system: "System", "跟随系统";
    theme_light: "Light", "浅色";
    theme_dark: "Dark", "深色";
    language_tip: "The language of the window", "窗口语言";
    theme_tip: "Light or dark", "浅色或深色";
    send_key: "Send with", "发送快捷键";
    send_key_tip: "The key that sends what is in the send box", "发送发送区内容的按键";
    examples: "Ready examples", "现成示例";
    examples_tip: "Take it into a tab of its own, with its rules; nothing listens before you open it", "放入新标签并显示其规则；点击“打开”后才开始监听";
    copy_diagnostics: "Copy diagnostics", "复制诊断信息";
    copy_diagnostics_tip: "Version, system, folders and the end of the log, for a bug report; contains no payload", "版本、系统、文件夹和日志末尾，用于报告问题；不含收发的数据";
    quit: "Quit", "退出";
    quit_tip: "Close the window (Ctrl+Q)", "关闭窗口 (Ctrl+Q)";

    // Questions.
    question_close: "Close this tab?", "关闭此标签？";
    question_close_text: "Its connections are in use and will be closed. The capture is kept under Recent captures.", "其连接正在使用，将被关闭。抓包保留在“最近的抓包”中。";
    question_quit: "Quit netassist?", "退出 netassist?";
    question_quit_text: "Connections are in use and will be closed. All captures are kept under Recent captures.", "有连接正在使用，将被关闭。所有抓包保留在“最近的抓包”中。";
    question_notes_text: "Notes on an opened capture would be lost. To keep them, save everything as a capture (Ctrl+S).", "对已打开抓包的备注将丢失。如需保留，请将全部内容保存为抓包 (Ctrl+S)。";
    keep_open: "Keep open", "保持打开";
    keep_open_tip: "Change nothing (Esc)", "不做任何更改 (Esc)";
    close_anyway: "Close", "关闭";
    close_anyway_tip: "Close it (Enter)", "关闭 (Enter)";
    quit_anyway: "Quit", "退出";
    quit_anyway_tip: "Close everything and leave (Enter)", "关闭全部并退出 (Enter)";
}
