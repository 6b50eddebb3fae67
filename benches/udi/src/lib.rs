//! What the measurements read.

/// A typical UDI: GTIN, expiry, lot and serial, with the AIM identifier cut off.
pub const UDI: &[u8] = b"01008445050007721731030110LOT12345\x1d21SN12345678";

/// Six elements, as a larger pack carries them.
pub const SIX: &[u8] = b"0100844505000772112601011731030110LOT12345\x1d21SN12345678\x1d240REF-110-12R";

/// The same device as a web address.
pub const LINK: &[u8] = b"https://id.gs1.org/01/00844505000772/10/LOT12345/21/SN12345678?17=310301";
