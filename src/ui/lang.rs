//! Every word of the window, in English and in Chinese, side by side so that neither is forgotten.
//! Messages with something put into them are in `messages`.

/// The language in which the window speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// The language of the user's choice, where `system` is the system's locale, e.g. `zh-CN`.
    pub fn choose(choice: crate::state::Language, system: Option<&str>) -> Self {
        match choice {
            crate::state::Language::English => Self::En,
            crate::state::Language::Chinese => Self::Zh,
            crate::state::Language::System => match system {
                Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Self::Zh,
                Some(_) | None => Self::En,
            },
        }
    }

    /// The one of the two that fits.
    pub fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        impl Lang {
            $(
                #[doc = concat!("“", $en, "”.")]
                pub fn $name(self) -> &'static str {
                    self.pick($en, $zh)
                }
            )*
        }

        /// Every word in both languages, for those who check that the fonts have all of it.
        pub const WORDS: &[(&str, &str)] = &[$(($en, $zh)),*];
    };
}

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
    quit: "Quit", "退出";
    quit_tip: "Close the window (Ctrl+Q)", "关闭窗口 (Ctrl+Q)";

    // The settings panel.
    settings: "Settings", "网络设置";
    protocol: "(1) Protocol", "(1) 协议类型";
    protocol_tip: "What kind of session to open", "要打开的会话类型";
    udp: "UDP", "UDP";
    tcp_client: "TCP Client", "TCP Client";
    tcp_server: "TCP Server", "TCP Server";
    local_host: "(2) Local Host Addr", "(2) 本地主机地址";
    local_host_tip: "An address of this machine. 127.0.0.1 can be reached from this machine only; every other one from the network, too.", "本机的一个地址。127.0.0.1 仅本机可访问；其他地址均可从网络访问。";
    local_port: "(3) Local Host Port", "(3) 本地主机端口";
    local_port_tip: "0 to 65535; 0 lets the system pick a free one", "0 到 65535;0 由系统选择空闲端口";
    remote_host: "Remote Host Addr", "远程主机地址";
    remote_host_tip: "An address or a host name", "地址或主机名";
    remote_port: "Remote Host Port", "远程主机端口";
    remote_port_tip: "1 to 65535", "1 到 65535";
    recent_remotes: "Recent remote hosts", "最近的远程主机";
    this_machine_only: "this machine only", "仅本机";
    from_network: "reachable from the network", "可从网络访问";
    all_ipv4: "all IPv4 addresses", "所有 IPv4 地址";
    all_ipv6: "all IPv6 addresses", "所有 IPv6 地址";
    choose_address: "Choose an address of this machine", "选择本机地址";
    bind_client: "Bind local address", "绑定本地地址";
    bind_client_tip: "Connect from a chosen local address and port; port 0 lets the system pick one", "从指定的本地地址和端口连接；端口 0 由系统选择";
    open: "Open", "打开";
    open_tip: "Open the session (F5)", "打开会话 (F5)";
    close: "Close", "关闭";
    close_tip: "Close the session and all its connections (F5)", "关闭会话及其所有连接 (F5)";
    cancel_opening: "Cancel", "取消";
    cancel_opening_tip: "Stop connecting at once (F5)", "立即停止连接 (F5)";
    closing: "Closing …", "正在关闭…";
    closing_tip: "What waits is being sent; press again to close at once (F5)", "正在发送剩余数据；再按一次立即关闭 (F5)";
    stop_listening: "Stop listening", "停止监听";
    stop_listening_tip: "Accept no more clients; the connected ones stay", "不再接受新客户端；已连接的保持";
    more_options: "Options", "高级选项";
    more_options_tip: "Socket options of this session", "此会话的套接字选项";
    echo: "Echo received data", "回显收到的数据";
    echo_tip: "Send back whatever arrives, to whom it came from", "把收到的数据原样发回给发送者";
    nodelay: "No delay (TCP_NODELAY)", "无延迟 (TCP_NODELAY)";
    nodelay_tip: "Small messages go at once instead of being gathered", "小数据立即发送，不合并";
    keepalive: "Keep-alive (SO_KEEPALIVE)", "保活 (SO_KEEPALIVE)";
    keepalive_tip: "The system probes a silent connection, so that a dead peer is noticed", "系统探测空闲连接，以发现失效的对端";
    abort_on_close: "Abort on close (RST)", "关闭时复位 (RST)";
    abort_on_close_tip: "Close with RST instead of FIN (SO_LINGER 0); what waits is dropped", "用 RST 代替 FIN 关闭 (SO_LINGER 0)；未发送的数据丢弃";
    half_open: "Stay open after peer's FIN", "对端 FIN 后保持";
    half_open_tip: "When the peer has closed its sending side, keep ours open to send on", "对端关闭发送后，本端仍保持以便继续发送";
    timeout: "Connect timeout (ms)", "连接超时 (毫秒)";
    timeout_tip: "How long one attempt to connect may take, in milliseconds", "每次连接尝试的最长时间，毫秒";
    send_buffer: "Send buffer (KiB)", "发送缓冲 (KiB)";
    send_buffer_tip: "SO_SNDBUF; empty for the system's default", "SO_SNDBUF;留空为系统默认";
    receive_buffer: "Receive buffer (KiB)", "接收缓冲 (KiB)";
    receive_buffer_tip: "SO_RCVBUF; empty for the default (UDP: 8 MiB)", "SO_RCVBUF;留空为默认 (UDP: 8 MiB)";
    broadcast: "Allow broadcast", "允许广播";
    broadcast_tip: "Sending to broadcast addresses is allowed (SO_BROADCAST)", "允许向广播地址发送 (SO_BROADCAST)";
    group: "Multicast group", "组播地址";
    group_tip: "Joined when the session opens; Join and Leave work while it is open", "打开会话时加入；打开期间可用“加入”“离开”";
    interface: "Interface", "组播接口";
    interface_tip: "IPv4: an address of the interface; IPv6: its index; empty for the system's choice", "IPv4: 接口的地址；IPv6: 接口序号；留空由系统选择";
    ttl: "Multicast TTL", "组播 TTL";
    ttl_tip: "How many networks a multicast datagram may cross, 0 to 255", "组播报文可经过的网络数，0 到 255";
    loopback: "See own multicast", "接收自己的组播";
    loopback_tip: "Multicast datagrams sent here are seen by this machine, too", "本机也能收到自己发出的组播";
    join: "Join", "加入";
    join_tip: "Join the multicast group now", "立即加入组播组";
    leave: "Leave", "离开";
    leave_tip: "Leave the multicast group", "离开组播组";
    granted: "Granted by the system", "系统实际分配";

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
    new_below: "New below", "下方有新数据";
    to_end: "To the end", "到末尾";
    new_below_tip: "Go to the newest record and follow it (End)", "跳到最新记录并跟随 (End)";
    copy: "Copy", "复制";
    copy_tip: "Copy what is selected (Ctrl+C)", "复制所选内容 (Ctrl+C)";
    select_all: "Select all", "全选";
    select_all_tip: "Select the whole log (Ctrl+A)", "选择全部日志 (Ctrl+A)";
    log_position: "Position in the log", "日志位置";

    // The table.
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

    // The bytes of an item.
    bytes: "Bytes", "字节";
    bytes_position: "Position in the bytes", "字节位置";
    no_bytes: "No bytes to show.", "没有可显示的字节。";
    copy_bytes_tip: "Copy the selected bytes as hex or as text, by the side that was clicked (Ctrl+C)", "复制所选字节：十六进制或文本，取决于点击的一侧 (Ctrl+C)";
    select_bytes_tip: "Select all bytes (Ctrl+A)", "选择全部字节 (Ctrl+A)";

    // The inspector.
    whole_item: "All bytes", "全部字节";
    big_endian: "Big-endian", "大端";
    big_endian_tip: "Read with the high byte first, as network protocols have it", "高字节在前，网络协议常用";
    little_endian: "Little-endian", "小端";
    little_endian_tip: "Read with the low byte first", "低字节在前";
    big_endian_short: "BE", "大端";
    little_endian_short: "LE", "小端";
    copy_value_tip: "Click to copy", "点击复制";
    inspect_length: "Length", "长度";
    inspect_binary: "Binary", "二进制";
    inspect_seconds: "Unix time (s)", "Unix 时间 (秒)";
    inspect_millis: "Unix time (ms)", "Unix 时间 (毫秒)";
    inspect_text: "Text", "文本";
    checksum: "Checksum", "校验和";
    checksum_tip: "Which checksum of the selected bytes to compute", "对所选字节计算哪种校验和";
    checksum_value: "Result", "结果";
    checksum_bytes: "As bytes", "字节序列";
    checksum_waits: "Computed when the button is let go", "松开鼠标后计算";
    checksum_search: "Search checksums", "搜索校验算法";
    checksum_search_tip: "A part of a name, e.g. modbus or crc32; Enter takes the first", "名称的一部分，如 modbus 或 crc32；回车选第一个";

    // The send panel.
    send_options: "Send Options", "发送设置";
    send_text: "ASCII", "ASCII";
    send_text_tip: "What is in the send box is text; switching converts it", "发送区为文本；切换时自动转换";
    send_hex: "HEX", "HEX";
    send_hex_tip: "What is in the send box is hex; switching converts it", "发送区为十六进制；切换时自动转换";
    escapes: "Use Escape Chars", "转义符指令解析";
    escapes_tip: r"\r \n \t \0 \\ \xHH \u{…} in the send box mean what they say", r"解析发送区中的 \r \n \t \0 \\ \xHH \u{…}";
    send: "Send", "发送";
    send_tip: "Send what is in the box", "发送发送区内容";
    send_box: "Send box", "发送区";
    send_hint_text: "Text to send", "要发送的文本";
    send_hint_hex: "Bytes to send, e.g. 01 03 00 00 00 02 C4 0B", "要发送的字节，例如 01 03 00 00 00 02 C4 0B";
    send_to: "To", "目标";
    send_to_tip: "To whom the send box goes", "发送给谁";
    send_to_remote: "Remote Host", "远程主机";
    send_to_ticked: "Ticked", "勾选的";
    send_file: "Send from File…", "打开文件数据源…";
    send_file_tip: "Send the bytes of a file", "发送文件内容";
    file_path: "File to send", "要发送的文件";
    file_path_tip: "The path of a file; Enter sends it", "文件路径；回车发送";
    browse: "Browse…", "浏览…";
    browse_tip: "Choose with the system's dialog", "用系统对话框选择";
    send_this_file: "Send file", "发送文件";
    clear_send: "Empty", "清除发送";
    clear_send_tip: "Empty the send box (Ctrl+Z in it brings the text back)", "清空发送区(在其中按 Ctrl+Z 可恢复)";

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
    after_clear: "Only what came after Clear", "仅清除之后的内容";
    after_clear_tip: "Leave out what Clear has hidden", "不包含被清除的内容";
    overwrite: "Overwrite", "覆盖";
    overwrite_tip: "Replace the file that is there", "替换已有文件";
    cancel: "Cancel", "取消";
    cancel_tip: "Change nothing (Esc)", "不做任何更改 (Esc)";
    stop: "Stop", "停止";
    stop_tip: "Stop saving; nothing is left behind", "停止保存，不留下任何文件";
    nothing_to_save: "Nothing is recorded yet.", "还没有记录。";

    // Recent captures.
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
    dropped: "Dropped by the system", "系统丢弃";
    peers: "Peers", "连接数";
    dismiss: "Dismiss", "知道了";
    dismiss_tip: "Take this message away (Esc)", "收起此消息 (Esc)";

    // Questions.
    question_close: "Close this tab?", "关闭此标签?";
    question_close_text: "Its connections are in use and will be closed. The capture is kept under Recent captures.", "其连接正在使用，将被关闭。抓包保留在“最近的抓包”中。";
    question_quit: "Quit netassist?", "退出 netassist?";
    question_quit_text: "Connections are in use and will be closed. All captures are kept under Recent captures.", "有连接正在使用，将被关闭。所有抓包保留在“最近的抓包”中。";
    keep_open: "Keep open", "保持打开";
    keep_open_tip: "Change nothing (Esc)", "不做任何更改 (Esc)";
    close_anyway: "Close", "关闭";
    close_anyway_tip: "Close it (Enter)", "关闭 (Enter)";
    quit_anyway: "Quit", "退出";
    quit_anyway_tip: "Close everything and leave (Enter)", "关闭全部并退出 (Enter)";
}
