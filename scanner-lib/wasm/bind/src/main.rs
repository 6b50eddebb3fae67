//! `tessera-wasm-bind tessera_wasm.wasm FOLDER`: writes `tessera_wasm.js` and `tessera_wasm_bg.wasm`.

use wasm_bindgen_cli_support::Bindgen;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, folder] = arguments.as_slice() else {
        eprintln!("usage: tessera-wasm-bind WASM FOLDER");
        std::process::exit(2);
    };
    let written = Bindgen::new().input_path(input).web(true).and_then(|bindgen| {
        bindgen.typescript(true).remove_name_section(true).remove_producers_section(true).generate(folder)
    });
    if let Err(error) = written {
        eprintln!("error: {input} cannot be made ready for the browser: {error:?}");
        std::process::exit(1);
    }
}
