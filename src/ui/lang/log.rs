//! The words of the receive options, the log and the table, and of what is done with an item in them:
//! copying, notes, charsets.

use super::Lang;

words! {
    // Receive options and the log.
    receive_options: "Recv Options", "接收设置";
    body_text: "ASCII", "ASCII";
    body_text_tip: "Show data as text in the chosen charset", "以所选字符集显示文本";
    body_hex: "HEX", "HEX";
    body_hex_tip: "Show data as hex digits", "以十六进制显示";
    body_dump: "Dump", "对照";
    body_dump_tip: "Show hex and text side by side", "十六进制与文本并列显示";
    charset: "Charset", "字符集";
    charset_tip: "How bytes are read as text, and text is sent. Applies to what was received before, too.", "文本与字节的对应方式，收发共用；对已收到的数据同样生效";
    log_mode: "Log Display Mode", "按日志模式显示";
    log_mode_tip: "A line with time, direction, peer and length above the data", "在数据上方显示时间、方向、对端和长度";
    auto_linefeed: "Auto Linefeed", "接收区自动换行";
    auto_linefeed_tip: "Long lines go on in the next row; without it, Shift+wheel moves sideways", "长行自动折行；关闭时可用 Shift+滚轮左右移动";
    hide_received: "Hide Received Data", "接收数据不显示";
    hide_received_tip: "Received data is not shown; it is recorded all the same", "不显示收到的数据，但仍然记录";
    hide_sent: "Hide Sent Data", "发送数据不显示";
    hide_sent_tip: "Sent data is not shown; it is recorded all the same", "不显示发送的数据，但仍然记录";
    hide_events: "Hide Events", "事件不显示";
    hide_events_tip: "Connections, ends and notes are not shown", "不显示连接、断开和备注等事件";
    auto_scroll: "AutoScroll", "自动滚屏";
    auto_scroll_tip: "Follow the newest record; scrolling up lets go", "跟随最新记录；向上滚动即停";
    pause: "Pause", "暂停显示";
    pause_tip: "Hold the display still; recording goes on (F6)", "停止刷新显示，记录继续 (F6)";
    resume: "Resume", "继续显示";
    save_as: "Save As…", "保存到文件…";
    save_as_tip: "Save this session as a capture, a log or raw bytes (Ctrl+S)", "保存为抓包、日志或原始数据 (Ctrl+S)";
    clear: "Clear", "清除接收";
    clear_tip: "Hide all that is shown so far (Ctrl+L). Nothing is deleted: Undo brings it back.", "隐藏目前显示的内容 (Ctrl+L)。数据不会删除，可撤销。";
    undo_clear: "Undo clear", "撤销清除";
    undo_clear_tip: "Show again what Clear has hidden", "重新显示被清除的内容";
    log: "Data Log", "数据日志";
    log_empty: "Nothing sent or received yet.", "还没有收发数据。";
    log_empty_hint: "Choose a protocol on the left, then press Open.", "在左侧选择协议类型，然后点击“打开”。";
    log_cleared: "Cleared. Nothing was deleted.", "已清除显示，数据未删除。";
    log_hidden: "Received data is hidden.", "收到的数据未显示。";
    log_hidden_hint: "Clear, the filter or the ticks that hide leave nothing to show", "清除、过滤或隐藏选项使得没有可显示的内容";
    new_below: "New below", "下方有新数据";
    to_end: "To the end", "到末尾";
    new_below_tip: "Go to the newest record and follow it (End)", "跳到最新记录并跟随 (End)";
    copy: "Copy", "复制";
    copy_tip: "Copy what is selected (Ctrl+C)", "复制所选内容 (Ctrl+C)";
    select_all: "Select all", "全选";
    select_all_tip: "Select the whole log (Ctrl+A)", "选择全部日志 (Ctrl+A)";
    log_position: "Position in the log", "日志位置";

    // The table.
    received_short: "← RX", "← 收";
    sent_short: "→ TX", "→ 发";
    table: "Table", "数据表";
    table_position: "Position in the table", "表中位置";
    column_number: "No.", "序号";
    column_number_tip: "The number in the log", "在日志中的序号";
    column_time: "Time", "时间";
    column_time_tip: "When it was sent or received", "收发时间";
    column_delta: "Δ Time", "间隔";
    column_delta_tip: "Time since the row before, in seconds", "距上一行的时间，秒";
    column_peer: "Peer", "对端";
    column_peer_tip: "With whom", "通信的对端";
    column_direction: "Dir.", "方向";
    column_direction_tip: "Received or sent", "接收或发送";
    column_length: "Length", "长度";
    column_length_tip: "Number of bytes", "字节数";
    column_preview: "Data", "数据";
    column_preview_tip: "The beginning of the data", "数据的开头部分";
    column_width_tip: "Drag to change the width (← → with the keyboard); a double click, or Enter, gives the default", "拖动调整列宽(键盘用 ← →)；双击或回车恢复默认";
    copy_rows_tip: "Copy the selected rows as text (Ctrl+C)", "以文本复制所选行 (Ctrl+C)";
    select_rows_tip: "Select all rows (Ctrl+A)", "选择所有行 (Ctrl+A)";
    save_rows: "Save selected…", "保存所选…";
    save_rows_tip: "Save the selected rows to a file", "把所选行保存到文件";
    only_peer: "Only this peer", "只看此对端";
    only_peer_tip: "Hide what goes to and comes from others", "隐藏与其他对端的收发";
    follow_stream: "Follow stream", "跟踪流";
    follow_stream_tip: "Show the whole conversation to which this row belongs", "显示此行所属的完整会话";

    // Copying bytes.
    copy_as: "Copy as", "复制为";
    copy_as_tip: "Copy the selected bytes in this form", "以此形式复制所选字节";
    copy_text: "Text", "文本";
    copy_hex: "Hex digits", "十六进制";
    copy_dump: "Hex dump", "十六进制转储";
    copy_c: "C array", "C 数组";
    copy_rust: "Rust array", "Rust 数组";
    copy_python: "Python bytes", "Python 字节串";
    copy_javascript: "JavaScript Uint8Array", "JavaScript Uint8Array";
    copy_base64: "Base64", "Base64";
    copy_json: "JSON string", "JSON 字符串";

    // Places, notes, charsets.
    go_to: "Go to…", "转到…";
    go_to_tip: "Go to a record number or a time (Ctrl+G)", "转到某条记录或某个时间 (Ctrl+G)";
    go_to_what: "Record number or time", "记录号或时间";
    go_to_what_tip: "1234, 14:05:09.25, 2026-11-20 14:05, or +12.5 seconds after the start", "1234、14:05:09.25、2026-11-20 14:05，或开始后 +12.5 秒";
    go_to_wrong: "There is no such place. Right is a record number (1234), a time (14:05:09), a date and time (2026-11-20 14:05), or seconds after the start (+12.5).", "没有这个位置。可输入记录号 (1234)、时间 (14:05:09)、日期时间 (2026-11-20 14:05) 或开始后的秒数 (+12.5)。";
    go: "Go", "转到";
    note: "Note", "备注";
    note_edit: "Note…", "备注…";
    note_edit_tip: "A comment on this record, kept in the capture (Ctrl+M)", "对这条记录的备注，保存在抓包中 (Ctrl+M)";
    highlight: "Highlight", "高亮显示";
    highlight_tip: "Make this stand out in the log; kept in the capture as a note with ★ (Ctrl+Shift+M)", "在日志中高亮显示，并以 ★ 备注保存在抓包中 (Ctrl+Shift+M)";
    unhighlight: "Remove highlight", "取消高亮";
    unhighlight_tip: "The words of the note stay (Ctrl+Shift+M)", "保留备注的文字 (Ctrl+Shift+M)";
    note_text_tip: "What to note; empty takes the note away", "备注内容；留空则删除";
    note_keep: "Keep", "保存";
    note_keep_tip: "Keep the note (Ctrl+Enter)", "保存备注 (Ctrl+回车)";
    note_cancel_tip: "Leave the note as it was (Escape)", "不修改备注 (Esc)";
    go_to_cancel_tip: "Stay here (Escape)", "留在原处 (Esc)";
    show_bytes: "Show the bytes", "查看字节";
    show_bytes_tip: "Its bytes in the table view, with the inspector", "在表格视图中查看字节和数值解析";
    peer_charset: "Charset of this peer", "此对端的字符集";
    peer_charset_tip: "Read this peer's text in a charset of its own", "用单独的字符集显示此对端的文本";
    as_session: "As the session", "与会话相同";
    switch_charset: "Switch", "切换";
    switch_charset_tip: "Read all text in this charset", "用此字符集显示全部文本";
    switch_peer: "This peer only", "仅此对端";
    switch_peer_tip: "Read only this peer's text in it", "只对此对端使用";
    leave_charset: "Leave it", "不切换";
    leave_charset_tip: "Leave the charset as it is, and ask no more in this tab", "保持当前字符集，此标签不再提示";
}
