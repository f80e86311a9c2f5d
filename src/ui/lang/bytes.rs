//! The words of the bytes of an item and of the inspector beside them.

use super::Lang;

words! {
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
}
