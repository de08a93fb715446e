use super::check;

#[test]
fn spanish() {
    check(
        "es-MX",
        &[
            "¿Qué hora es? |¡Ya es tarde!",
            "—¡Basta! —gritó el Sr. Ruiz.",
            "—Nos vamos. |—Ella se quedó.",
            "La Sra. Vega vive en EE. UU. |Ella no vuelve.",
            "Los EE. UU. Mexicanos son otra cosa.",
            "Véase la pág. 8, p. ej. Madrid o Lugo.",
            "¿Usted, Ud. Luis, qué opina?",
        ],
    );
}

#[test]
fn german() {
    check(
        "de",
        &[
            "Am 5. Mai kam Hr. Vogt, am 6. Juni Fr. Lenz.",
            "Im 19. Jahrhundert war z. B. Berlin kleiner. |Es wuchs.",
            "Das war am 3. |Danach kam nichts.",
            "„Halt!“ rief er. |»Warum?« fragte sie.",
            "Siehe Abb. 3 und Kap. IV, Nr. 7.",
            "Äpfel, Birnen usw. Obst gibt es dort.",
            "Die Str. ist gesperrt. |Der Bus fährt nicht.",
        ],
    );
}

#[test]
fn french_and_italian() {
    check(
        "fr",
        &[
            "« Arrêtez ! » dit-il.",
            "« Arrêtez ! » |Elle partit.",
            "Quoi ? dit M. Morel. |Rien.",
            "Voir l’av. Foch et le bd. Voltaire.",
        ],
    );
    check(
        "it",
        &[
            "Il sig. Conti e la dott. Riva parlano. |Poi escono.",
            "Pane, latte ecc. |Il resto dopo.",
        ],
    );
}

#[test]
fn chinese_and_japanese_need_no_spaces() {
    check(
        "zh",
        &[
            "今天下雨。|我们在家！|你呢？|我也在家。",
            "他说：“走吧。”|我们就走了。",
            "版本是3.5吗?|是的!|很好。",
            "网址是example.com。|请看。",
            "他好．|我也好。",
            "雨停了。|「走吧。」|（他没走。）|“为什么？”|他问。",
        ],
    );
    check(
        "ja",
        &[
            "雨です。|家にいます。|あなたは？",
            "「止まれ！」と彼は言った。|誰も止まらなかった。",
            "「はい。」|彼は答えた。",
        ],
    );
}

#[test]
fn scripts_without_case() {
    check(
        "ar",
        &["ذهب أحمد إلى السوق. |هل عاد؟ |نعم، عاد مساءً.", "قابلنا د. أحمد أمس. |كان متعبا."],
    );
    check("hi", &["आज बारिश है। |हम घर पर हैं। |आप कैसे हैं?"]);
    check("ka", &["წვიმს. |სახლში ვარ."]);
    check("th", &["ดร.สมชายมาแล้ว"]);
    check("ko", &["비가 온다. |집에 있다."]);
}

#[test]
fn scripts_with_case_and_no_list() {
    check(
        "ru",
        &["А. С. Пушкин жил здесь. |Потом уехал.", "В 1990 г. Москва росла. |Зима была долгой."],
    );
    check(
        "cs",
        &[
            "Přišel Mgr. Novák. |Nikdo ho nečekal.",
            "Dne 5. Ledna, jak se píše, sněžilo. |Pak tálo.",
        ],
    );
    check("", &["Dr. Who came, e.g. Monday. |Nobody saw it. |Viz kap. 5, prosím."]);
}
