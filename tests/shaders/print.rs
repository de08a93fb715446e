//! Prints every shader as it is handed to a device, as JSON: for the test that a browser's own
//! compiler takes them. See scripts/shaders.sh.

use pocketglot::backend::gpu::kernels::{Form, Kernel, source};

fn main() {
    let mut shaders = Vec::new();
    for kernel in Kernel::ALL {
        let forms = if kernel.reads_weights() { Form::ALL.map(Some).to_vec() } else { vec![None] };
        for form in forms {
            let name = [Some(kernel.name()), form.map(Form::name)];
            let name = name.into_iter().flatten().collect::<Vec<_>>().join(", ");
            shaders.push(serde_json::json!({ "name": name, "source": source(kernel, form) }));
        }
    }
    println!("{}", serde_json::Value::Array(shaders));
}
