//! Thrift's compact protocol, as far as the end of a Parquet file takes it
//! (<https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>).

/// Types of the protocol.
mod kind {
    pub const INT32: u8 = 5;
    pub const INT64: u8 = 6;
    pub const BINARY: u8 = 8;
    pub const LIST: u8 = 9;
    pub const STRUCT: u8 = 12;
}

/// Writes structures one within the other.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub bytes: Vec<u8>,
    /// The number of the field before, in this structure.
    last: u8,
}

/// A number in as many bytes as it needs, seven bits each.
pub(super) fn variable(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

impl Writer {
    /// A structure with its end.
    pub fn structure(&mut self, fields: impl FnOnce(&mut Self)) {
        let outer = std::mem::take(&mut self.last);
        fields(self);
        self.bytes.push(0);
        self.last = outer;
    }

    fn header(&mut self, number: u8, kind: u8) {
        // Fields come in order and lie close: the distance to the one before is always less than sixteen.
        self.bytes.push((number - self.last) << 4 | kind);
        self.last = number;
    }

    pub fn int32(&mut self, number: u8, value: i32) {
        self.header(number, kind::INT32);
        self.signed(i64::from(value));
    }

    pub fn int64(&mut self, number: u8, value: usize) {
        self.header(number, kind::INT64);
        self.signed(i64::try_from(value).unwrap_or(i64::MAX));
    }

    /// Small numbers of either sign are short: 0, −1, 1, −2, … become 0, 1, 2, 3, …
    fn signed(&mut self, value: i64) {
        variable(&mut self.bytes, (value << 1 ^ value >> 63).cast_unsigned());
    }

    pub fn text(&mut self, number: u8, text: &str) {
        self.header(number, kind::BINARY);
        self.binary(text);
    }

    fn binary(&mut self, text: &str) {
        variable(&mut self.bytes, text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    /// A field that is a structure.
    pub fn field(&mut self, number: u8, write: impl FnOnce(&mut Self)) {
        self.header(number, kind::STRUCT);
        write(self);
    }

    pub fn structures(&mut self, number: u8, count: usize, write: impl FnOnce(&mut Self)) {
        self.list(number, kind::STRUCT, count);
        write(self);
    }

    pub fn int32s(&mut self, number: u8, values: &[i32]) {
        self.list(number, kind::INT32, values.len());
        for value in values {
            self.signed(i64::from(*value));
        }
    }

    pub fn texts(&mut self, number: u8, values: &[&str]) {
        self.list(number, kind::BINARY, values.len());
        for value in values {
            self.binary(value);
        }
    }

    fn list(&mut self, number: u8, kind: u8, count: usize) {
        self.header(number, kind::LIST);
        if let Ok(count @ 0..15) = u8::try_from(count) {
            self.bytes.push(count << 4 | kind);
        } else {
            self.bytes.push(0xf0 | kind);
            variable(&mut self.bytes, count as u64);
        }
    }
}
