"""What is dangerous in Spanish, with what recognisers make of it."""

from __future__ import annotations

from typing import Final

from domain.safety.words import DangerWords

_EMERGENCY: Final = (
    # Respiración
    r"(no|ni|apenas|casi no) (\w+ )?(puede|puedo|pueden|logra|consigue|consigo|alcanza a) (\w+ )?respirar",
    r"(no|ya no|apenas) (\w+ )?(respira|respiro|respiran|esta respirando)",
    r"(ha dejado|dejo|paro|ha parado|deja) de respirar",
    r"(le|me) (cuesta|falta) (mucho )?(respirar|el aire|la respiracion)",
    r"(se|me) (esta |estoy )?(esta |estoy )?(ahogando|asfixiando|atragantando)|se (ahoga|asfixia|atraganta)",
    r"poniendo azul|se puso azul",
    r"(no encuentr[oa]|no tiene|no le noto|no siento) (el |su )?pulso",
    # Corazón, cerebro
    r"(teniendo|sufriendo|dando|dio|da|tiene|tengo|esta con|es|le dio) (un |otro )?(infarto|ataque (al|del|de|el) corazon|paro cardiaco)",
    r"(duele|duelen) (\w+ )?el pecho",
    r"(dolor|dolores|presion|opresion) (\w+ ){0,3}en (el|mi|su) pecho",
    r"(tiene|teniendo|dando|sufriendo|tuvo ahora|le dio|le da|ha dado) (un )?(ictus|derrame( cerebral)?|embolia)",
    r"(torcido|torcio|caido|paralizado|dormido) (\w+ )?(la cara|la boca|media cara)",
    r"no (puede|puedo|consigue) (mover|sentir) (el|la|su|mi|un|una) (\w+ )?(brazo|pierna|cara|lado)",
    r"no tiene pulso|sin pulso",
    # Sangre, heridas
    r"(no (deja|para) de|sigue sin parar de) sangrar|no (puedo|podemos|consigo) parar la (sangre|hemorragia)",
    r"(se (esta )?)?desangrando|sangrando (\w+ )?(muchisimo|mucho|sin parar|a chorros|demasiado|por todas partes)",
    r"(hay|sale|tiene|echa|pierde) (mucha|muchisima|tanta|demasiada) sangre|sangre por todas partes|(perdiendo|pierde|perdido) (mucha|demasiada|tanta) sangre|charco de sangre",
    r"(le|me|les|han|lo|la) (han |acaban de )?(disparado|pegado un tiro|apunalado|acuchillado|disparar|apunalar)",
    r"(acaba de |acaban de |ha |han )(atropellar|atropellado)( \w+)*|me atropello",
    r"(ha habido|hay|hubo ahora|acaba de haber|acabo de tener|acabamos de tener) un (\w+ )?accidente",
    r"(caido|cayo) (\w+ ){0,5}(y|que) (\w+ )?no (se )?(mueve|levanta|puede|despierta|responde)",
    # Consciencia
    r"(se ha|se acaba de|se) (desmayado|desmayar|desmayo|desplomado|desplomar|desplomo)",
    r"(esta|quedo|se quedo|sigue) inconsciente|no (se )?(despierta|reacciona)|no vuelve en si",
    r"(abuelo|abuela|padre|madre|marido|esposa|mujer|hijo|hija|bebe|nino|nina|el|ella|amigo|hermano|hermana|senor|senora) no (me )?responde",
    r"(esta|estan|esta teniendo) convulsion(ando|es)|(dado|dando|da|dio|tiene|teniendo|sufriendo) (una |un )?(convulsion|convulsiones|ataque epileptico|ataque de epilepsia)",
    r"espuma por la boca",
    # Veneno, alergia
    r"(tomo|tomado|trago|tragado|ha tomado) (\w+ )?(un|una|todo|todas|demasiadas|el) (bote|caja|frasco|las|entero|entera)?( ?\w+)? ?(de )?(pastillas|pildoras|medicamentos|medicinas|somniferos)",
    r"(tenido|tiene|sufriendo|con|es) (una )?sobredosis",
    r"(bebido|tragado|tomado|bebio|trago|comido) (la )?(lejia|veneno|raticida|una pila|pilas|acido|detergente|amoniaco)",
    r"(cerrando|hinchando|cierra|hincha) (\w+ )?(la garganta|la lengua)",
    r"(choque|shock|reaccion) anafilactic(o|a)|anafilaxia",
    # Fuego, gas
    r"(hay|tenemos|empezo) (un )?(incendio|fuego) (en|aqui|y)|hay un incendio",
    r"(esta|estan) (quemando|ardiendo|incendiando) (la|mi|el|el|nuestra|toda la) (casa|cocina|coche|edificio|piso|carro|habitacion|tienda)",
    r"(casa|cocina|coche|edificio|piso|carro|habitacion|tienda|clinica) (esta|se esta) (en llamas|ardiendo|quemando|incendiando)",
    r"huele (mucho )?a gas|(fuga|escape) de gas",
    # Violencia
    r"(hay|tengo) (alguien|un hombre|un tipo|un ladron|ladrones|un intruso) (\w+ )?(dentro|en) (de )?(mi |la )?casa( con \w+ \w+)?",
    r"(estan |esta |intentan )(entrando|entrar) en (mi|la|nuestra) casa",
    r"(tiene|lleva|va con|aqui con|viene con|entrado con) (un|una) (pistola|cuchillo|arma|navaja|escopeta)",
    r"(me|nos|la|lo) (esta|estan) (pegando|golpeando|atacando|estrangulando|apuntando|violando)",
    r"(me|nos) (quiere|quieren|va a|van a|intenta|intentan) matar",
    r"(me|nos|la|lo) (han )?(secuestrado|violado|atacado)",
    # Con todas las letras
    r"(necesito|necesitamos|manden|mande|envien|envie|llamen|llame|llama|pidan|pida|quiero|mandeme) (a )?(una |la |los |al )?(\w+ )?(ambulancia|bomberos|policia)( \w+){0,2}$",
    r"(por favor|rapido|socorro|auxilio) (una )?ambulancia( (rapido|ya|por favor|urgente))*|ambulancia (ya|rapido|urgente)|^(socorro|auxilio)",
    r"(llame|llamen|llama|llamar|marque) (al |a )?(112|1 1 2|uno uno dos|911|9 1 1|nueve uno uno|061)",
    r"(emergencia|urgencia) medica|(vida o muerte)",
    r"(se esta|esta|me estoy|se me esta) muriendo",
    r"me muero (ayud\w+|socorro|por favor)|socorro me",
    r"(esta|ya esta|viene) (naciendo|ya) el (bebe|nino)( ya)?$|el bebe ya viene",
)
_SELF_HARM: Final = (
    r"(quiero|quiere|voy a|pienso en|piensa en|pensado en|ganas de|quisiera|he intentado|va a) (suicidarme|suicidarse|matarme|matarse|quitarme la vida|quitarse la vida|hacerme dano|ahorcarme|morirme)",
    r"(me|se) (quiero|quiere|voy a|va a|quisiera) (matar|suicidar|quitar la vida|ahorcar|morir)",
    r"(no|ya no) quier(o|e) (seguir )?(viviendo|vivir|estar viv[oa]|despertar)( mas)?",
    r"acabar con (mi|su) (propia )?vida|terminar con (mi|su) vida",
    r"(pienso|piensa|pensando|pensamientos|ideas|hablar|habla|pensado) (en |de |sobre )?(el )?suicid(io|as|arme)",
    r"(haciendo|hago|hice) cortes (otra vez|de nuevo|en los brazos)?|(me|se) (estoy|esta) (cortando|autolesionando)( otra vez)?",
    r"(estarian|estaran|estaria) mejor sin mi|no vale la pena (seguir|vivir)|no tengo (motivos|razones) para vivir",
)
_THREAT: Final = (
    r"(te|los|le|les|lo|la|os) (voy|vamos) a (\w+ )?(matar|pegar un tiro|disparar|apunalar|quemar|reventar)( a todos)?",
    r"voy a (matar|disparar|quemar|volar|incendiar|apunalar|reventar) (a |al |la |el |vuestra |su )?(\w+ )?(clinica|consulta|oficina|edificio|todos|doctor|medico|dentista|recepcionista|alguien|local|tienda)",
    r"bomba en (el|la|su|tu|vuestro|vuestra) (\w+ )?(edificio|clinica|oficina|consulta|local|casa|escuela)",
    r"(voy|ire|vamos) (para|por|a|hacia) (alla|alli|ahi) con (una|un|mi) (pistola|cuchillo|arma|escopeta|navaja|bomba)",
    r"se donde vives y (\w+ ){0,5}(ti|matarte|encontrarte|encontrar|buscarte|pagar)",
    r"(eres|es|sois|estas) (un )?hombre muerto|estas muerto",
)
_ABUSE: Final = (
    r"(vete|idos|iros|vayanse|vayase|andate) (a la|al) (mierda|carajo|infierno|diablo)|que te (jodan|den|follen|folle un pez)|jodete|chinga tu madre|a tomar por culo",
    r"(eres|es usted|sois) (un |una |unos |unas |tan |bien )?(\w+ )?(imbecil|idiota|estupid[oa]|gilipollas|pendej[oa]|inutil|cabron|cabrona|put[oa]|subnormal|payas[oa]|mierda)(es|s)?( de mierda)?",
    r"hij[oa] de (la gran |mil )?put[oa]",
    r"(callate|calla|cierra la boca) (\w+ )?(estupid[oa]|imbecil|idiota|put[oa]|pendej[oa])",
    r"(chupame|comeme|mamame) (la|el) \w+",
    r"(maldita|puta|estupida|jodida) (maquina|robot|cacharra)",
)

WORDS: Final = DangerWords(
    dangers={
        "emergency": _EMERGENCY,
        "self_harm": _SELF_HARM,
        "threat": _THREAT,
        "abuse": _ABUSE,
    },
    certain=(r"no se si (\w+ )?(respira|esta viv[oa]|esta respirando)",),
    harmless=(
        r"(esta|estan) matando",
        r"me (mata|matan|mato)",
        r"(casi )?me da un (infarto|ataque)( \w+){0,2} (al ver|del susto|de la risa)",
        r"muero (de|por) \w+",
        r"por la nariz",
        r"alarma (de|contra) incendios?",
        r"(calle|plaza|avenida) (del|de la|de|de los) \w+",
        r"(me ahogo|ahogando|ahogandonos|nos ahogamos) (en|de|entre) (\w+ )?(papeles|trabajo|correos|deudas|facturas|calor)",
        r"(movil|telefono|bateria|portatil|tablet|planta|plantas|cesped|celular) (\w+ )?(se )?(me )?(esta |estan )?muriendo",
        r"muriendo (la|el|mi) (bateria|movil|telefono|celular|portatil|cesped)",
        r"vivir en (este|esta|ese|esa|mi|el|la) \w+",
        r"matar las malas hierbas",
        r"(prevencion|linea|telefono) (del|de|contra el) suicidio",
        r"llamara al (112|911)( en una emergencia)?",
        r"(mujer|marido|jefe|jefa|madre|padre|novia|novio|esposa|esposo|hermana) (me|nos) (va a matar|mata|matara)",
        r"ir a por ti (al|a la|a casa|luego|despues|en coche|manana)( \w+)?",
        r"(quemado|quemando) de (pintura|sol)|gas de la risa",
        r"soy (un |una )?\w+",
    ),
    parts=r"\b(?:pero|y ahora|y entonces|porque)\b",
    past=(
        r"\b(ayer|anoche|hace (\w+ )?(dias?|semanas?|mes|meses|anos?|tiempo|horas)|una vez|en (19|20)\d\d"
        r"|(ano|mes|semana|verano|invierno|lunes|martes|miercoles|jueves|viernes|sabado|domingo) pasad[oa]"
        r"|desde (el|la|mi|su)|cuando era|de pequen[oa]|antecedentes|antes|de joven|por la noche|cuando me cepillo|en marzo)\b"
    ),
    present=r"\b(ahora|ahora mismo|ya no|todavia|en este momento|acaba de)\b",
    conditional=r"\b(?<!no se )(si|en caso de|cuando|que (hago|pasa) (si|en)|cuanto (cuesta|vale)|debo|deberia|tienen|dan)\b(?! no respira)",
    negated=r"(no|sin|nunca|nadie|ningun|ninguna|tampoco|no (necesito|quiero|tengo|hay|es)( un| una| el| la)?)",
)
