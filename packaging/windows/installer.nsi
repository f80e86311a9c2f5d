; The installer for Windows 10 and later: for one user, without administrator rights.
; .ci/package passes VERSION, FILES (the folder of what to install), ICON and OUT (the file to write).
;
; setup.exe /S installs silently, /D=FOLDER (last, unquoted) elsewhere; uninstall.exe /S removes silently. Exit status: 0 done,
; 1 cancelled, 2 failed, 3 netassist is running, 4 Windows is too old.

Unicode true
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
SetCompressor /SOLID lzma

!include MUI2.nsh
!include FileFunc.nsh
!include WinVer.nsh

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\netassist"
!define APP_PATH "Software\Microsoft\Windows\CurrentVersion\App Paths\netassist.exe"
!define CLASSES "Software\Classes"
!define APPLICATION "${CLASSES}\Applications\netassist.exe"

Name "netassist"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\netassist"
InstallDirRegKey HKCU "${UNINSTALL}" InstallLocation
BrandingText "netassist ${VERSION}"
VIProductVersion "${VERSION}.0"
VIFileVersion "${VERSION}.0"
VIAddVersionKey ProductName "netassist"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileDescription "netassist installer"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright "The netassist developers"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${NSISDIR}/Contrib/Graphics/Wizard/nsis3-metro.bmp"
!define MUI_FINISHPAGE_RUN "$INSTDIR\netassist.exe"

!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

; The first is the default; the one of Windows is used if it is here.
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE SimpChinese
!insertmacro MUI_LANGUAGE TradChinese

LangString RUNNING ${LANG_ENGLISH} "netassist is running. Close it, then choose Retry."
LangString RUNNING ${LANG_SIMPCHINESE} "netassist 正在运行。请先关闭，再点“重试”。"
LangString RUNNING ${LANG_TRADCHINESE} "netassist 正在執行。請先關閉，再按「重試」。"
LangString TOO_OLD ${LANG_ENGLISH} "netassist needs Windows 10 or later."
LangString TOO_OLD ${LANG_SIMPCHINESE} "netassist 需要 Windows 10 或更高版本。"
LangString TOO_OLD ${LANG_TRADCHINESE} "netassist 需要 Windows 10 或更新版本。"
LangString CAPTURE ${LANG_ENGLISH} "Network capture"
LangString CAPTURE ${LANG_SIMPCHINESE} "网络抓包"
LangString CAPTURE ${LANG_TRADCHINESE} "網路封包擷取"

; A program that runs cannot be opened for writing. Leaves the file as it is.
!macro WAIT_FOR FILE
    ${Do}
        ClearErrors
        ${IfNot} ${FileExists} "$INSTDIR\${FILE}"
            ${Break}
        ${EndIf}
        FileOpen $0 "$INSTDIR\${FILE}" a
        ${IfNot} ${Errors}
            FileClose $0
            ${Break}
        ${EndIf}
        ${If} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDCANCEL`
            SetErrorLevel 3
            Quit
        ${EndIf}
    ${Loop}
!macroend

Function .onInit
    ${IfNot} ${AtLeastWin10}
        MessageBox MB_OK|MB_ICONSTOP "$(TOO_OLD)" /SD IDOK
        SetErrorLevel 4
        Quit
    ${EndIf}
FunctionEnd

Section
    !insertmacro WAIT_FOR netassist.exe
    !insertmacro WAIT_FOR netassist.com
    SetOutPath "$INSTDIR"
    File "${FILES}\*.*"
    WriteUninstaller "$INSTDIR\uninstall.exe"
    CreateShortcut "$SMPROGRAMS\netassist.lnk" "$INSTDIR\netassist.exe"

    ; netassist is offered for these files (Open with); the program that opens them now stays.
    WriteRegStr HKCU "${CLASSES}\netassist.capture" "" "$(CAPTURE)"
    WriteRegStr HKCU "${CLASSES}\netassist.capture\DefaultIcon" "" "$INSTDIR\netassist.exe,0"
    WriteRegStr HKCU "${CLASSES}\netassist.capture\shell\open\command" "" '"$INSTDIR\netassist.exe" open "%1"'
    WriteRegStr HKCU "${CLASSES}\.pcapng\OpenWithProgids" "netassist.capture" ""
    WriteRegStr HKCU "${CLASSES}\.pcap\OpenWithProgids" "netassist.capture" ""
    WriteRegStr HKCU "${APPLICATION}" "FriendlyAppName" "netassist"
    WriteRegStr HKCU "${APPLICATION}\shell\open\command" "" '"$INSTDIR\netassist.exe" open "%1"'
    WriteRegStr HKCU "${APPLICATION}\SupportedTypes" ".pcapng" ""
    WriteRegStr HKCU "${APPLICATION}\SupportedTypes" ".pcap" ""
    WriteRegStr HKCU "${APPLICATION}\SupportedTypes" ".cap" ""
    WriteRegStr HKCU "${APPLICATION}\SupportedTypes" ".gz" ""
    WriteRegStr HKCU "${APPLICATION}\SupportedTypes" ".zst" ""
    ; Workspaces.
    WriteRegStr HKCU "${APPLICATION}\SupportedTypes" ".toml" ""
    WriteRegStr HKCU "${APP_PATH}" "" "$INSTDIR\netassist.exe"
    WriteRegStr HKCU "${APP_PATH}" "Path" "$INSTDIR"

    WriteRegStr HKCU "${UNINSTALL}" DisplayName "netassist"
    WriteRegStr HKCU "${UNINSTALL}" DisplayVersion "${VERSION}"
    WriteRegStr HKCU "${UNINSTALL}" Publisher "The netassist developers"
    WriteRegStr HKCU "${UNINSTALL}" DisplayIcon "$INSTDIR\netassist.exe,0"
    WriteRegStr HKCU "${UNINSTALL}" InstallLocation "$INSTDIR"
    WriteRegStr HKCU "${UNINSTALL}" UninstallString '"$INSTDIR\uninstall.exe"'
    WriteRegStr HKCU "${UNINSTALL}" QuietUninstallString '"$INSTDIR\uninstall.exe" /S'
    WriteRegDWORD HKCU "${UNINSTALL}" NoModify 1
    WriteRegDWORD HKCU "${UNINSTALL}" NoRepair 1
    ${GetSize} "$INSTDIR" "/S=0K /G=0" $0 $1 $2
    WriteRegDWORD HKCU "${UNINSTALL}" EstimatedSize $0
    ${RefreshShellIcons}
SectionEnd

; What the user made stays: settings, captures, and any other file in the folder.
Section Uninstall
    !insertmacro WAIT_FOR netassist.exe
    !insertmacro WAIT_FOR netassist.com
    Delete "$INSTDIR\netassist.exe"
    Delete "$INSTDIR\netassist.com"
    Delete "$INSTDIR\README.md"
    Delete "$INSTDIR\README.zh-CN.md"
    Delete "$INSTDIR\CHANGELOG.md"
    Delete "$INSTDIR\LICENSE-MIT"
    Delete "$INSTDIR\LICENSE-APACHE"
    Delete "$INSTDIR\LICENSE-FONTS.txt"
    Delete "$INSTDIR\THIRD-PARTY.txt"
    Delete "$INSTDIR\uninstall.exe"
    RMDir "$INSTDIR"
    Delete "$SMPROGRAMS\netassist.lnk"
    DeleteRegKey HKCU "${CLASSES}\netassist.capture"
    DeleteRegValue HKCU "${CLASSES}\.pcapng\OpenWithProgids" "netassist.capture"
    DeleteRegKey /ifempty HKCU "${CLASSES}\.pcapng\OpenWithProgids"
    DeleteRegKey /ifempty HKCU "${CLASSES}\.pcapng"
    DeleteRegValue HKCU "${CLASSES}\.pcap\OpenWithProgids" "netassist.capture"
    DeleteRegKey /ifempty HKCU "${CLASSES}\.pcap\OpenWithProgids"
    DeleteRegKey /ifempty HKCU "${CLASSES}\.pcap"
    DeleteRegKey HKCU "${APPLICATION}"
    DeleteRegKey HKCU "${APP_PATH}"
    DeleteRegKey HKCU "${UNINSTALL}"
    ${RefreshShellIcons}
SectionEnd
