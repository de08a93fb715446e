//! Marian's parameter names to ours.

/// What a Marian tensor is to us.
#[derive(Debug, PartialEq, Eq)]
pub enum Role {
    /// A weight matrix.
    Matrix {
        /// Our name.
        name: String,
        /// The Marian tensor that may hold the activation multiplier of its products.
        input_scale: String,
        /// Whether it is a product's matrix, whose Marian shape is (in, out).
        transposed: bool,
    },
    /// A bias, or a scale or bias of a layer norm.
    Vector(String),
    /// An activation multiplier, which goes with its matrix.
    InputScale,
}

/// Our role and name for a Marian tensor; none for one that our networks don't have.
pub fn translate(marian: &str) -> Option<Role> {
    if marian.ends_with(INPUT_SCALE) {
        return Some(Role::InputScale);
    }
    match marian {
        // The embedding is also the output projection. Its products use the multiplier of a
        // nameless matrix; `Wemb_QuantMultA` is an artefact that production does not read.
        "Wemb" => {
            return Some(Role::Matrix {
                name: "embedding".into(),
                input_scale: format!("none{INPUT_SCALE}"),
                transposed: false,
            });
        }
        "decoder_ff_logit_out_b" => return Some(Role::Vector("output.bias".into())),
        _ => {}
    }
    let (stack, rest) = marian.split_once("_l")?;
    let (layer, rest) = rest.split_once('_')?;
    let layer = layer.parse::<usize>().ok()?.checked_sub(1)?;
    let (block, rest) = rest.split_once('_')?;
    let (block, part) = match (stack, block) {
        ("encoder", "self") => ("attention", attention(rest)?),
        ("decoder", "context") => ("cross", attention(rest)?),
        ("encoder" | "decoder", "ffn") => ("ffn", ffn(rest)?),
        ("decoder", "rnn") => ("ssru", ssru(rest)?),
        _ => return None,
    };
    let name = format!("{stack}.{layer}.{block}.{part}");
    if part.ends_with("bias") || part.ends_with("scale") {
        return Some(Role::Vector(name));
    }
    let input_scale = format!("{marian}{INPUT_SCALE}");
    Some(Role::Matrix { name, input_scale, transposed: true })
}

const INPUT_SCALE: &str = "_QuantMultA";

fn attention(marian: &str) -> Option<&'static str> {
    Some(match marian {
        "Wq" => "q",
        "bq" => "q.bias",
        "Wk" => "k",
        "bk" => "k.bias",
        "Wv" => "v",
        "bv" => "v.bias",
        "Wo" => "o",
        "bo" => "o.bias",
        "Wo_ln_scale" => "norm.scale",
        "Wo_ln_bias" => "norm.bias",
        _ => return None,
    })
}

fn ffn(marian: &str) -> Option<&'static str> {
    Some(match marian {
        "W1" => "w1",
        "b1" => "w1.bias",
        "W2" => "w2",
        "b2" => "w2.bias",
        "ffn_ln_scale" => "norm.scale",
        "ffn_ln_bias" => "norm.bias",
        _ => return None,
    })
}

fn ssru(marian: &str) -> Option<&'static str> {
    Some(match marian {
        "W" => "candidate",
        "Wf" => "forget",
        "bf" => "forget.bias",
        "ffn_ln_scale" => "norm.scale",
        "ffn_ln_bias" => "norm.bias",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_parts_of_the_network() {
        let vector = |name: &str| Some(Role::Vector(name.into()));
        assert_eq!(
            translate("encoder_l1_self_Wo_ln_bias"),
            vector("encoder.0.attention.norm.bias")
        );
        assert_eq!(translate("decoder_l2_rnn_bf"), vector("decoder.1.ssru.forget.bias"));
        assert_eq!(translate("decoder_l2_ffn_b1"), vector("decoder.1.ffn.w1.bias"));
        assert_eq!(translate("none_QuantMultA"), Some(Role::InputScale));
        let matrix = Role::Matrix {
            name: "decoder.0.cross.k".into(),
            input_scale: "decoder_l1_context_Wk_QuantMultA".into(),
            transposed: true,
        };
        assert_eq!(translate("decoder_l1_context_Wk"), Some(matrix));
    }

    #[test]
    fn what_we_do_not_run_has_no_name() {
        for name in ["", "Wpos", "decoder_l1_self_Wq", "encoder_l0_self_Wq", "encoder_l_ffn_W1"] {
            assert_eq!(translate(name), None, "{name}");
        }
    }
}
