//! The bytes of a small file, each where the format has it; a system test reads a larger one with another program.

use super::*;

fn small_file() -> Vec<u8> {
    file(&[
        Column { name: "time", values: Values::Whole(vec![366, 7, -1]) },
        Column { name: "age", values: Values::Some(vec![Some(70), Some(71), None]) },
        Column { name: "sex", values: Values::Text(vec!["female".into(), String::new(), "m\u{e4}nnlich".into()]) },
    ])
}

#[test]
fn pages_lie_between_the_two_marks() {
    let bytes = small_file();
    assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (MAGIC, MAGIC));
    // A header: data page, twelve bytes, three values in plain encoding with levels in runs.
    let header = [0x15, 0, 0x15, 24, 0x15, 24, 0x2c, 0x15, 6, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0];
    assert_eq!(bytes[4..21], header);
    assert_eq!(bytes[21..33], [0x6e, 1, 0, 0, 7, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], "366, 7, -1");
    // Two are there and one is not: four bytes of levels, then two values.
    assert_eq!(bytes[50..54], [4, 0, 0, 0]);
    assert_eq!(bytes[54..58], [2 << 1, 1, 1 << 1, 0]);
    assert_eq!(bytes[58..66], [70, 0, 0, 0, 71, 0, 0, 0]);
    assert_eq!(bytes[83..93], *b"\x06\0\0\0female");
    let length = bytes.len() - 8;
    let footer = usize::try_from(u32::from_le_bytes(bytes[length..length + 4].try_into().unwrap())).unwrap();
    assert_eq!(bytes[length - footer..length - footer + 3], [0x15, 2, 0x19], "version 1, then the list of columns");
}

#[test]
fn it_says_who_wrote_it_and_what_columns_there_are() {
    let bytes = small_file();
    let has = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(has(b"\x04time") && has(b"\x03age") && has(b"\x07tessera"));
    assert!(file(&[]).len() > 20, "a file without columns is a file");
}

#[test]
fn lengths_are_variable() {
    let written = |number| {
        let mut bytes = Vec::new();
        thrift::variable(&mut bytes, number);
        bytes
    };
    assert_eq!((written(0), written(127), written(300)), (vec![0], vec![127], vec![0xac, 2]));
}
