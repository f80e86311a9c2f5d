//! The words of capture files: saving one, and looking at those of earlier sessions.

use super::Lang;

words! {
    // Saving.
    save: "Save", "保存";
    save_tip: "Write the file", "写入文件";
    save_path: "File", "文件";
    save_path_tip: "Where to save; Enter saves", "保存位置；回车保存";
    format: "Format", "格式";
    format_tip: "As what to save", "保存为哪种格式";
    format_pcapng: "Capture for Wireshark (pcapng)", "Wireshark 抓包 (pcapng)";
    format_text: "Text log", "文本日志";
    format_netassist: "Text log, NetAssist classic", "文本日志 (NetAssist 经典格式)";
    format_netassist5: "Text log, NetAssist V5", "文本日志 (NetAssist V5 格式)";
    format_hexdump: "Hex dump for text2pcap", "十六进制转储，可由 text2pcap 读取";
    format_csv: "Table (CSV)", "表格 (CSV)";
    format_jsonl: "JSON Lines, data in Base64", "JSON Lines，数据为 Base64";
    format_raw_received: "Received bytes only", "仅接收的原始数据";
    format_raw_sent: "Sent bytes only", "仅发送的原始数据";
    save_what: "What", "内容";
    save_whole: "Everything", "全部";
    save_whole_tip: "Every record of the session", "会话的全部记录";
    save_shown: "As shown", "当前显示";
    save_shown_tip: "Leave out what Clear and the filter hide", "不含被清除和被过滤的内容";
    save_selected: "Selected", "选中部分";
    save_selected_tip: "The records that the selection touches, whole", "选区涉及的记录，每条完整保存";
    save_workspace: "Save session as workspace…", "保存会话为工作区…";
    save_workspace_tip: "Save this tab as a .toml file that can be opened again, here or with ‘netassist run’", "将此标签保存为 .toml 文件，以后可在窗口中打开，或用 netassist run 运行";
    save_workspace_what: "Protocol, addresses, options, charset, framing, quick sends and rules. Not what was sent and received.", "包括协议、地址、选项、字符集、分帧、快捷指令和应答规则；不含收发数据。";
    overwrite: "Overwrite", "覆盖";
    overwrite_tip: "Replace the file that is there", "替换已有文件";
    cancel: "Cancel", "取消";
    cancel_tip: "Change nothing (Esc)", "不做任何更改 (Esc)";
    stop: "Stop", "停止";
    stop_tip: "Stop saving; nothing is left behind", "停止保存，不留下任何文件";
    nothing_to_save: "Nothing is recorded yet.", "还没有记录。";

    // Recent captures.
    open_file: "Capture file", "抓包文件";
    open_file_tip: "A capture of any program: pcapng or pcap. It can also be dropped onto the window.", "任意程序的抓包文件：pcapng 或 pcap。也可以拖放到窗口中。";
    open_file_button: "Open file", "打开文件";
    browse_capture_tip: "Choose a capture file with the system's dialog", "用系统对话框选择抓包文件";
    open_capture: "Look at it", "查看";
    open_capture_tip: "Open this capture in a tab", "在标签中打开此抓包";
    delete_capture: "Delete", "删除";
    delete_capture_tip: "Delete this capture from disk", "从磁盘删除此抓包";
    in_use: "in use", "使用中";
    no_captures: "No captures are kept yet.", "还没有保留的抓包。";
    recent_note: "Every session is recorded as it runs. The oldest captures are removed when they take more room than the limit.", "每个会话都会实时记录。总量超过上限时，最旧的抓包会被删除。";
    keep_up_to: "Keep up to (MiB)", "最多保留 (MiB)";
    keep_up_to_tip: "How much room all kept captures may take together, in MiB", "所有保留的抓包合计可占用的空间，单位 MiB";
    close_list: "Done", "完成";
    close_list_tip: "Close this list (Esc)", "关闭列表 (Esc)";
}
