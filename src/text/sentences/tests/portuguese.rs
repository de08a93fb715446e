use super::check;

#[test]
fn titles_lead_to_names() {
    check(
        "pt",
        &[
            "O Sr. Almeida saiu cedo. |A Sra. Pires ficou.",
            "A Dra. Lúcia e o Dr. Caio dividem a sala.",
            "Exmo. Senhor Diretor, venho pedir uma licença.",
            "A Prof.ª Helena corrigiu tudo. |O Prof. Rui, nada.",
            "O sr. Tavares e a sra. Nunes chegaram.",
            "O ex-Sr. Simpatia virou prefeito.",
            "O Pe. Anselmo e o Cel. Brito discutiram.",
            "Nasceu em Sto. Antônio e cresceu em S. Paulo.",
            "D. Pedro II. |Depois dele, a República.",
            "A Av. Paulista estava fechada. |A R. Augusta, não.",
            "Mora na R. da Praia, esquina com a Al. Santos.",
            "Foi a Recife, PE. |O evento durou dois dias.",
            "O Eng. Mota e a Arq. Dias assinaram o laudo.",
            "S. Exa. o Ministro não compareceu.",
        ],
    );
}

#[test]
fn common_abbreviations_go_on() {
    check(
        "pt",
        &[
            "Leve frutas, p. ex. Maçãs ou peras.",
            "Leve frutas, p.ex. maçãs.",
            "Obs. Não abra a tampa.",
            "Obs.: Não abra a tampa.",
            "Canetas, papel, cola etc. ficam na gaveta.",
            "Vendemos canetas, papel etc. |A loja abre às nove.",
            "Foi Guarani vs. Ponte Preta outra vez.",
            "A capital, i.e. Brasília, fica no planalto.",
            "Cf. Machado de Assis, op. cit. |Ele discorda.",
        ],
    );
}

#[test]
fn abbreviations_that_may_end_a_sentence_look_ahead() {
    check(
        "pt",
        &[
            "A Móveis Serra Ltda. Comercial fechou.",
            "Trabalhou na Serra Ltda. |Depois abriu uma loja.",
            "A Petrolina S.A. Energia subiu.",
            "Comprou ações da Petrolina S.A. |Elas caíram.",
            "Augusto morreu em 14 d.C. |O império continuou.",
            "César morreu em 44 a.C. em Roma.",
            "Luiz Carlos Jr. Santos venceu.",
            "Voltou aos E.U.A. |Nunca mais escreveu.",
            "Falou com a Souza Cia. |Ninguém respondeu.",
        ],
    );
}

#[test]
fn abbreviations_before_numbers_need_a_number() {
    check(
        "pt",
        &[
            "O art. 5º garante isso. |O art. 6º também.",
            "Veja o n.º 3 da revista e o nº. 4.",
            "No séc. XX tudo mudou. |No séc. V, nem tanto.",
            "Está na pág. 12 do vol. II, cap. IV.",
            "O tel. 3333 não atende. |O cel. 9999, sim.",
            "Custa aprox. 20 reais, no máx. 25.",
            "Veja a fig. 2 e a tab. 3.",
            "A reunião de 5 out. 2021 foi longa.",
            "Quero um só, não dez. |Obrigado.",
            "Ele foi ao mar. |Ela ficou.",
            "Processo nº 12, fls. 30 e 31.",
            "Moro no apto. 31, bl. B, perto do parque.",
            "O inc. IV do § 2º foi vetado.",
        ],
    );
}

#[test]
fn points_inside_numbers_and_names_do_not_split() {
    check(
        "pt",
        &[
            "Pesa 3,5 quilos e custa R$ 1.250,00.",
            "A versão 2.0.1 saiu. |A 2.1, não.",
            "Abra exemplo.com.br/Pasta.Nova?Item=2 no navegador.",
            "Escreva para Ana.Lima@correio.exemplo.br. |Ela responde.",
            "Renomeie Foto.Final.JPG e feche.",
            "O alarme tocou às 10.30. |Ninguém acordou.",
            "São 1.500.000 habitantes. |Poucos votam.",
            "O CPF 123.456.789-00 é inválido.",
            "A alta foi de 2,5%. |Os preços caíram.",
        ],
    );
}

#[test]
fn numbers_start_sentences_after_words() {
    check(
        "pt",
        &[
            "A ponte caiu. |20 pessoas ficaram feridas.",
            "O ônibus atrasou de novo. |15 minutos se passaram.",
            "Ficaram até 1999. |Em 2000 foram embora.",
            "Compre 2 kg. |Depois volte.",
        ],
    );
}

#[test]
fn numbered_headings_stay_whole() {
    check(
        "pt",
        &[
            "1. Introdução",
            "2.3. O Método",
            "IV. Resultados",
            "a. Materiais",
            "1. Misture a farinha. |2. Junte a água.",
            "P.S. A chave está debaixo do tapete.",
        ],
    );
}

#[test]
fn quotes_and_brackets_stay_with_their_sentence() {
    check(
        "pt",
        &[
            "“Pare!” disse ele.",
            "\"Pare!\", gritou o guarda.",
            "«Quem é?» perguntou Inês. |Ninguém respondeu.",
            "— Pare! — gritou ela. |— Não quero ir.",
            "— Vamos? — perguntou o pai. |— Vamos.",
            "— Já volto. |— Ela saiu.",
            "Ele disse: “Estou cansado.” |Depois dormiu.",
            "Ela escreveu “fim”. |Ninguém chorou.",
            "(Choveu.) |Ficamos em casa.",
            "Ficamos (choveu!) e lemos.",
            "É um “perito” (?) Suíço.",
            "Ele acenou. |(Ninguém viu.) |Foi embora.",
            "**Feito.** |*Próximo.*",
            "Ele saiu. |\"Para onde?\", pensou ela.",
        ],
    );
}

#[test]
fn runs_of_terminators_end_once() {
    check(
        "pt",
        &[
            "O quê?! |Já?? |Não acredito!!!",
            "Bem... talvez dê certo.",
            "Bem… talvez dê certo.",
            "Esperei… |Ninguém veio… |Então tocou.",
            "Esperei... |Ninguém veio.",
            "De 7 ... 12 partes.",
            "O caso [...] foi arquivado. |(...) |Nada mudou.",
        ],
    );
}

#[test]
fn words_with_clitics_are_no_abbreviations() {
    check(
        "pt",
        &[
            "Chamou-a. |João riu.",
            "Viram-no. |Maria também.",
            "Fez-se. |Paulo disse-me. |Carla não.",
            "Quero ver. |Marcos quer ir.",
        ],
    );
}

#[test]
fn marks_after_the_end_belong_to_it() {
    check(
        "pt",
        &[
            "A vila queimou em 1204.[3] |Foi refeita.[4][5] |Poucos vieram.",
            "Ótimo! 😀 |Muito obrigado. ❤️ |Tchau.",
            "Bom trabalho! :-) |Até logo.",
            "Acabou. |— A multidão foi embora.",
        ],
    );
}
