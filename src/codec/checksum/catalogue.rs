//! The algorithms by name. CRCs, with their names and aliases, are from Greg Cook's “Catalogue of
//! parametrised CRC algorithms”, <https://reveng.sourceforge.io/crc-catalogue/>.

use crc::{Crc, Table};

use super::{Checksum, CrcKind, Entry, Kind};

/// The algorithm with its lookup table, made at compile time: for short messages making it would cost more
/// than all else.
macro_rules! made {
    ($width:ty, $algorithm:ident) => {{
        static MADE: Crc<$width, Table<1>> = Crc::<$width, Table<1>>::new(&crc::$algorithm);
        Kind::Crc(CrcKind {
            bits: crc::$algorithm.width,
            low_first: crc::$algorithm.refout,
            check: crc::$algorithm.check as u128,
            compute: |bytes| MADE.checksum(bytes).into(),
        })
    }};
}

macro_rules! catalogue {
    ($($name:literal $([$($alias:literal),*])? = $kind:expr;)*) => {
        /// All algorithms: the most common first, then sums, then CRCs by width.
        pub(super) const ALL: &[Checksum] =
            &[$(Checksum(&Entry { name: $name, aliases: &[$($($alias),*)?], kind: $kind })),*];
    };
}

catalogue! {
    "CRC-16/MODBUS" ["MODBUS"] = made!(u16, CRC_16_MODBUS);
    "SUM-8" = Kind::Sum(8);
    "SUM-16" = Kind::Sum(16);
    "SUM-32" = Kind::Sum(32);
    "SUM-8/NEGATED" ["LRC", "LRC/MODBUS"] = Kind::NegatedSum(8);
    "SUM-16/NEGATED" = Kind::NegatedSum(16);
    "SUM-32/NEGATED" = Kind::NegatedSum(32);
    "XOR-8" ["BCC", "LRC/ISO-1155"] = Kind::Xor;
    "FLETCHER-16" = Kind::Fletcher16;
    "FLETCHER-32" = Kind::Fletcher32;
    "ADLER-32" = Kind::Adler32;
    "CRC-3/GSM" = made!(u8, CRC_3_GSM);
    "CRC-3/ROHC" = made!(u8, CRC_3_ROHC);
    "CRC-4/G-704" = made!(u8, CRC_4_G_704);
    "CRC-4/INTERLAKEN" = made!(u8, CRC_4_INTERLAKEN);
    "CRC-5/EPC-C1G2" = made!(u8, CRC_5_EPC_C1G2);
    "CRC-5/G-704" = made!(u8, CRC_5_G_704);
    "CRC-5/USB" = made!(u8, CRC_5_USB);
    "CRC-6/CDMA2000-A" = made!(u8, CRC_6_CDMA2000_A);
    "CRC-6/CDMA2000-B" = made!(u8, CRC_6_CDMA2000_B);
    "CRC-6/DARC" = made!(u8, CRC_6_DARC);
    "CRC-6/G-704" = made!(u8, CRC_6_G_704);
    "CRC-6/GSM" = made!(u8, CRC_6_GSM);
    "CRC-7/MMC" = made!(u8, CRC_7_MMC);
    "CRC-7/ROHC" = made!(u8, CRC_7_ROHC);
    "CRC-7/UMTS" = made!(u8, CRC_7_UMTS);
    "CRC-8/AUTOSAR" = made!(u8, CRC_8_AUTOSAR);
    "CRC-8/BLUETOOTH" = made!(u8, CRC_8_BLUETOOTH);
    "CRC-8/CDMA2000" = made!(u8, CRC_8_CDMA2000);
    "CRC-8/DARC" = made!(u8, CRC_8_DARC);
    "CRC-8/DVB-S2" = made!(u8, CRC_8_DVB_S2);
    "CRC-8/GSM-A" = made!(u8, CRC_8_GSM_A);
    "CRC-8/GSM-B" = made!(u8, CRC_8_GSM_B);
    "CRC-8/HITAG" = made!(u8, CRC_8_HITAG);
    "CRC-8/I-432-1" ["CRC-8/ITU"] = made!(u8, CRC_8_I_432_1);
    "CRC-8/I-CODE" = made!(u8, CRC_8_I_CODE);
    "CRC-8/LTE" = made!(u8, CRC_8_LTE);
    "CRC-8/MAXIM-DOW" ["CRC-8/MAXIM", "DOW-CRC"] = made!(u8, CRC_8_MAXIM_DOW);
    "CRC-8/MIFARE-MAD" = made!(u8, CRC_8_MIFARE_MAD);
    "CRC-8/NRSC-5" = made!(u8, CRC_8_NRSC_5);
    "CRC-8/OPENSAFETY" = made!(u8, CRC_8_OPENSAFETY);
    "CRC-8/ROHC" = made!(u8, CRC_8_ROHC);
    "CRC-8/SAE-J1850" = made!(u8, CRC_8_SAE_J1850);
    "CRC-8/SMBUS" ["CRC-8"] = made!(u8, CRC_8_SMBUS);
    "CRC-8/TECH-3250" ["CRC-8/AES", "CRC-8/EBU"] = made!(u8, CRC_8_TECH_3250);
    "CRC-8/WCDMA" = made!(u8, CRC_8_WCDMA);
    "CRC-10/ATM" = made!(u16, CRC_10_ATM);
    "CRC-10/CDMA2000" = made!(u16, CRC_10_CDMA2000);
    "CRC-10/GSM" = made!(u16, CRC_10_GSM);
    "CRC-11/FLEXRAY" = made!(u16, CRC_11_FLEXRAY);
    "CRC-11/UMTS" = made!(u16, CRC_11_UMTS);
    "CRC-12/CDMA2000" = made!(u16, CRC_12_CDMA2000);
    "CRC-12/DECT" = made!(u16, CRC_12_DECT);
    "CRC-12/GSM" = made!(u16, CRC_12_GSM);
    "CRC-12/UMTS" = made!(u16, CRC_12_UMTS);
    "CRC-13/BBC" = made!(u16, CRC_13_BBC);
    "CRC-14/DARC" = made!(u16, CRC_14_DARC);
    "CRC-14/GSM" = made!(u16, CRC_14_GSM);
    "CRC-15/CAN" = made!(u16, CRC_15_CAN);
    "CRC-15/MPT1327" = made!(u16, CRC_15_MPT1327);
    "CRC-16/ARC" ["ARC", "CRC-16", "CRC-16/LHA", "CRC-IBM"] = made!(u16, CRC_16_ARC);
    "CRC-16/CDMA2000" = made!(u16, CRC_16_CDMA2000);
    "CRC-16/CMS" = made!(u16, CRC_16_CMS);
    "CRC-16/DDS-110" = made!(u16, CRC_16_DDS_110);
    "CRC-16/DECT-R" ["R-CRC-16"] = made!(u16, CRC_16_DECT_R);
    "CRC-16/DECT-X" ["X-CRC-16"] = made!(u16, CRC_16_DECT_X);
    "CRC-16/DNP" = made!(u16, CRC_16_DNP);
    "CRC-16/EN-13757" = made!(u16, CRC_16_EN_13757);
    "CRC-16/GENIBUS" ["CRC-16/DARC", "CRC-16/EPC", "CRC-16/EPC-C1G2", "CRC-16/I-CODE"] = made!(u16, CRC_16_GENIBUS);
    "CRC-16/GSM" = made!(u16, CRC_16_GSM);
    "CRC-16/IBM-3740" ["CRC-16/CCITT-FALSE", "CRC-16/AUTOSAR"] = made!(u16, CRC_16_IBM_3740);
    "CRC-16/IBM-SDLC" ["CRC-16/X-25", "CRC-16/ISO-HDLC", "CRC-16/ISO-IEC-14443-3-B", "CRC-B", "X-25"] = made!(u16, CRC_16_IBM_SDLC);
    "CRC-16/ISO-IEC-14443-3-A" ["CRC-A"] = made!(u16, CRC_16_ISO_IEC_14443_3_A);
    "CRC-16/KERMIT" ["CRC-16/CCITT", "CRC-16/CCITT-TRUE", "CRC-16/BLUETOOTH", "CRC-16/V-41-LSB", "CRC-CCITT", "KERMIT"] = made!(u16, CRC_16_KERMIT);
    "CRC-16/LJ1200" = made!(u16, CRC_16_LJ1200);
    "CRC-16/M17" = made!(u16, CRC_16_M17);
    "CRC-16/MAXIM-DOW" ["CRC-16/MAXIM"] = made!(u16, CRC_16_MAXIM_DOW);
    "CRC-16/MCRF4XX" = made!(u16, CRC_16_MCRF4XX);
    "CRC-16/NRSC-5" = made!(u16, CRC_16_NRSC_5);
    "CRC-16/OPENSAFETY-A" = made!(u16, CRC_16_OPENSAFETY_A);
    "CRC-16/OPENSAFETY-B" = made!(u16, CRC_16_OPENSAFETY_B);
    "CRC-16/PROFIBUS" ["CRC-16/IEC-61158-2"] = made!(u16, CRC_16_PROFIBUS);
    "CRC-16/RIELLO" = made!(u16, CRC_16_RIELLO);
    "CRC-16/SPI-FUJITSU" ["CRC-16/AUG-CCITT"] = made!(u16, CRC_16_SPI_FUJITSU);
    "CRC-16/T10-DIF" = made!(u16, CRC_16_T10_DIF);
    "CRC-16/TELEDISK" = made!(u16, CRC_16_TELEDISK);
    "CRC-16/TMS37157" = made!(u16, CRC_16_TMS37157);
    "CRC-16/UMTS" ["CRC-16/BUYPASS", "CRC-16/VERIFONE"] = made!(u16, CRC_16_UMTS);
    "CRC-16/USB" = made!(u16, CRC_16_USB);
    "CRC-16/XMODEM" ["XMODEM", "ZMODEM", "CRC-16/ACORN", "CRC-16/LTE", "CRC-16/V-41-MSB"] = made!(u16, CRC_16_XMODEM);
    "CRC-17/CAN-FD" = made!(u32, CRC_17_CAN_FD);
    "CRC-21/CAN-FD" = made!(u32, CRC_21_CAN_FD);
    "CRC-24/BLE" = made!(u32, CRC_24_BLE);
    "CRC-24/FLEXRAY-A" = made!(u32, CRC_24_FLEXRAY_A);
    "CRC-24/FLEXRAY-B" = made!(u32, CRC_24_FLEXRAY_B);
    "CRC-24/INTERLAKEN" = made!(u32, CRC_24_INTERLAKEN);
    "CRC-24/LTE-A" = made!(u32, CRC_24_LTE_A);
    "CRC-24/LTE-B" = made!(u32, CRC_24_LTE_B);
    "CRC-24/OPENPGP" ["CRC-24"] = made!(u32, CRC_24_OPENPGP);
    "CRC-24/OS-9" = made!(u32, CRC_24_OS_9);
    "CRC-30/CDMA" = made!(u32, CRC_30_CDMA);
    "CRC-31/PHILIPS" = made!(u32, CRC_31_PHILIPS);
    "CRC-32/AIXM" ["CRC-32Q"] = made!(u32, CRC_32_AIXM);
    "CRC-32/AUTOSAR" = made!(u32, CRC_32_AUTOSAR);
    "CRC-32/BASE91-D" ["CRC-32D"] = made!(u32, CRC_32_BASE91_D);
    "CRC-32/BZIP2" ["CRC-32/AAL5", "CRC-32/DECT-B", "B-CRC-32"] = made!(u32, CRC_32_BZIP2);
    "CRC-32/CD-ROM-EDC" = made!(u32, CRC_32_CD_ROM_EDC);
    "CRC-32/CKSUM" ["CKSUM", "CRC-32/POSIX"] = made!(u32, CRC_32_CKSUM);
    "CRC-32/ISCSI" ["CRC-32C", "CRC-32/CASTAGNOLI", "CRC-32/BASE91-C", "CRC-32/INTERLAKEN"] = made!(u32, CRC_32_ISCSI);
    "CRC-32/ISO-HDLC" ["CRC-32", "CRC-32/ADCCP", "CRC-32/V-42", "CRC-32/XZ", "PKZIP"] = made!(u32, CRC_32_ISO_HDLC);
    "CRC-32/JAMCRC" ["JAMCRC"] = made!(u32, CRC_32_JAMCRC);
    "CRC-32/MEF" = made!(u32, CRC_32_MEF);
    "CRC-32/MPEG-2" = made!(u32, CRC_32_MPEG_2);
    "CRC-32/XFER" ["XFER"] = made!(u32, CRC_32_XFER);
    "CRC-40/GSM" = made!(u64, CRC_40_GSM);
    "CRC-64/ECMA-182" ["CRC-64"] = made!(u64, CRC_64_ECMA_182);
    "CRC-64/GO-ISO" = made!(u64, CRC_64_GO_ISO);
    "CRC-64/MS" = made!(u64, CRC_64_MS);
    "CRC-64/NVME" = made!(u64, CRC_64_NVME);
    "CRC-64/REDIS" = made!(u64, CRC_64_REDIS);
    "CRC-64/WE" = made!(u64, CRC_64_WE);
    "CRC-64/XZ" ["CRC-64/GO-ECMA"] = made!(u64, CRC_64_XZ);
    "CRC-82/DARC" = made!(u128, CRC_82_DARC);
}
