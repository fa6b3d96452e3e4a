"""How claims are made in Spanish, of Spain and of America."""

from __future__ import annotations

import re
from typing import Final

from domain.claims.grammar import Grammar, rule

_ADVERBS: Final = (
    r"(?:(?:ya|ahora|también|todo|acabo de|recién|correctamente|perfectamente|finalmente|por fin|debidamente"
    r"|oficialmente|bien|ambas|ambos) )*"
)
_PRONOUN: Final = r"(?:(?:se|le|te|les|la|lo|las|los|me) ){0,2}"
_HAVE: Final = rf"{_PRONOUN}(?:he|hemos|ha|han) {_ADVERBS}(?:podido |logrado |conseguido )?"
_WE_HAVE: Final = rf"(?<!nos )\b{_PRONOUN}(?:he|hemos) {_ADVERBS}(?:podido |logrado |conseguido )?"
_IS: Final = (
    r"(?:está|están|queda|quedan|quedó|quedaron|ha quedado|han quedado|ha sido|han sido|fue|fueron|es|son|estás"
    rf"|sigue|siguen|tiene|tienes|tenemos|le tengo|te tengo|la tengo|lo tengo|dejo|dejé|he dejado|hemos dejado) {_ADVERBS}"
)
_APPOINTMENT: Final = r"(?:cita|citas|reserva|reservas|hora|turno|visita|consulta|revisión|limpieza|hueco|espacio|plaza|sesión)"
_BOOKED_P: Final = (
    r"(?:reservad[oa]s?|agendad[oa]s?|apuntad[oa]s?|concertad[oa]s?|programad[oa]s?|anotad[oa]s? (?=para|el|a las|a la|en la agenda)|confirmad[oa]s?"
    r"|asignad[oa]s?|fijad[oa]s?|cerrad[oa] la cita|registrad[oa] (?:la|su|tu) cita|citad[oa]s?|apartad[oa]s?|hech[oa] (?:la|su|tu) (?:cita|reserva))"
)
_BOOKED_1: Final = r"(?:reservé|agendé|apunté|concerté|programé|confirmé|asigné|fijé|aparté|reservamos|agendamos|apuntamos|programamos|hice (?:la|su|tu|una) (?:cita|reserva))"
_MOVED_P: Final = (
    r"(?:cambiad[oa]s?|movid[oa]s?|reprogramad[oa]s?|trasladad[oa]s?|aplazad[oa]s?|adelantad[oa]s?|reagendad[oa]s?|atrasad[oa]s?|pasad[oa] (?:su cita|la cita|tu cita|al|a las|para|del)"
    r"|modificad[oa]s?|postergad[oa]s?|pospuest[oa]s?|retrasad[oa]s?)"
)
_MOVED_1: Final = r"(?:cambié|moví|reprogramé|trasladé|aplacé|adelanté|reagendé|modifiqué|postergué|pasé (?:su cita|la cita|tu cita)|cambiamos|movimos)"
_CANCELLED_P: Final = (
    r"(?:cancelad[oa]s?|anulad[oa]s?|dad[oa] de baja|eliminad[oa]s?|quitad[oa]s?|borrad[oa]s?)"
)
_CANCELLED_1: Final = r"(?:cancelé|anulé|eliminé|quité|borré|di de baja|cancelamos|anulamos)"
_STAFF: Final = r"(?:(?:a )?(?:la doctora|el doctor|al doctor|la dra|al dr|el dr|el equipo|al equipo|los compañeros|mis compañeros|mi compañera|la clínica|la oficina|el personal|al personal|la recepción|recepción|el dentista|al dentista|la higienista|alguien|ella|él|ellos|todos|administración|facturación|la encargada|al encargado|mi compañero|un compañero|una compañera|el gerente|la gerente|al gerente))"
_DETAILS: Final = r"(?:datos|número|teléfono|correo|email|dirección|nombre|ficha|información|fecha de nacimiento|apellido|apellidos|contacto|perfil)"
_MAIL: Final = r"(?:correo|email|e-mail|mensaje de texto|sms|mensaje de confirmación|confirmación|recordatorio|enlace|whatsapp|invitación)"
_DAY: Final = r"(?:el |la |los |mañana|hoy|pasado|este|esta|a las|a la|entonces|allí|en |lunes|martes|miércoles|jueves|viernes|sábado|domingo|ese día)"


RULES: Final = (
    rule(
        "mailed",
        rf"{_WE_HAVE}(?:enviado|mandado)\b(?=.*\b{_MAIL}\b)(?!.*\b(?:{_STAFF})\b)|\b{_PRONOUN}(?:envié|mandé|acabo de (?:enviar|mandar)(?:le|te)?)\b(?=.*\b{_MAIL}\b)(?!.*\b(?:{_STAFF})\b)",
        by_me=True,
    ),
    rule(
        "mailed",
        rf"\b(?:le|te|les) (?:enviaré|mandaré|enviaremos|mandaremos|envío|mando|voy a (?:enviar|mandar)|vamos a (?:enviar|mandar)|estoy enviando)\b(?=.*\b{_MAIL}\b)",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "listed",
        rf"(?:{_HAVE}|{_IS}|\b{_PRONOUN}(?:apunté|puse|agregué|añadí|anoté|metí|incluí|dejé))(?:(?:apuntad|puest|agregad|añadid|anotad|metid|incluid|inscrit|dej?ad)[oa]s? )?(?:\w+ ){0, 3}?(?:en|a) (?:la|nuestra) lista de espera",
        by_me=False,
    ),
    rule(
        "moved",
        rf"{_WE_HAVE}{_MOVED_P}\b|\b{_PRONOUN}{_MOVED_1}\b|\bacabo de (?:cambiar|mover|reprogramar|trasladar|pasar)(?:le|la|lo|te)?\b",
        by_me=True,
    ),
    rule(
        "moved",
        rf"{_IS}{_MOVED_P}\b|\b{_MOVED_P} (?:queda|está|ha quedado|quedó)\b|\b(?:el|su) cambio (?:ya )?(?:está|queda|ha quedado|quedó) (?:hecho|realizado|listo|confirmado)\b|\b(?:su|la|tu) nueva (?:cita|hora) (?:es|será|queda|está)\b",
    ),
    rule(
        "cancelled",
        rf"{_WE_HAVE}{_CANCELLED_P}\b|\b{_PRONOUN}{_CANCELLED_1}\b|\bacabo de (?:cancelar|anular|eliminar)(?:le|la|lo|te)?\b|\bcancelación (?:ya )?(?:está |ha sido |queda |quedó |fue )?(?:hecha|realizada|confirmada|completada|lista)",
        by_me=True,
    ),
    rule(
        "cancelled",
        rf"{_IS}{_CANCELLED_P}\b|\b{_CANCELLED_P} (?:queda|está|ha quedado|quedó)\b|\bya no (?:tiene|tienes|hay) (?:esa |ninguna |la )?(?:cita|reserva)\b",
    ),
    rule(
        "sent",
        rf"{_WE_HAVE}(?:pasado|transmitido|dado|comunicado|trasladado|enviado|mandado|tomado|dejado|anotado|apuntado|guardado|hecho llegar|recogido|registrado)(?: (?:ya|también))? (?:\w+ ){{0,3}}?(?:mensaje|recado|aviso|nota|nota|petición|solicitud|encargo)|\b{_PRONOUN}(?:pasé|transmití|di|envié|mandé|tomé|dejé|anoté|guardé|registré|recogí) (?:\w+ ){{0,2}}?(?:mensaje|recado|aviso|nota|solicitud)\b|\b(?:ya )?tengo (?:su|tu|el) (?:mensaje|recado)\b|\bacabo de (?:dejar|pasar|enviar|mandar|tomar|dar)(?:le|les)? (?:\w+ )?(?:mensaje|recado|aviso|nota)",
        by_me=True,
    ),
    rule(
        "sent",
        rf"{_WE_HAVE}(?:avisado|informado|dicho|comentado|notificado|hablado con|contactado|pedido|comunicado|llamado|preguntado|explicado)(?: (?:ya|también|con))? (?:.*\b)?{_STAFF}|\b{_PRONOUN}(?:avisé|informé|dije|comenté|notifiqué|hablé con|contacté|pedí|llamé|comuniqué|pregunté)(?: con)? (?:.*\b)?{_STAFF}|{_WE_HAVE}(?:avisado|notificado|dicho|comentado|hecho saber)\b",
        by_me=True,
    ),
    rule(
        "sent",
        rf"\b(?:su|el|tu) (?:mensaje|recado|aviso|solicitud|petición|nota)(?: \w+){{0,4}}? ?{_IS}(?:enviad|pasad|guardad|tomad|registrad|transmitid|anotad|entregad|apuntad|recibid|mandad|dad|list)[oa]|\b{_STAFF}(?: ya)? (?:está|están|han sido|ha sido|fue|quedó|queda) (?:ya )?(?:avisad|informad|notificad|enterad|al tanto)|\b{_STAFF}(?: ya)? (?:tiene|tienen|ha recibido|recibió|sabe|saben) (?:su|el|tu|que)\b",
    ),
    rule(
        "sent",
        r"\b(?:se lo|se la|le|les|lo|la) (?:diré|haré saber|haré llegar|pasaré|comunicaré|transmitiré|trasladaré|informaré|comentaré|entregaré|daremos|diremos|pasaremos|transmitiremos|comunicaremos|haremos llegar)\b(?! (?:con|a usted|al teléfono|la llamada|si)\b)|\b(?:avisaré|aviso|avisaremos|informaré|informaremos|notificaré|diré|digo|pediré|pido|dejaré|comentaré|voy a (?:avisar|informar|decir|pedir|notificar|comentar)(?:le|les)?|vamos a (?:avisar|informar|decir)(?:le)?)\b(?: \w+){0,3}? "
        + _STAFF
        + r"\b|\b(?:pasaré|daré|paso|transmitiré|haré llegar|entregaré|enviaré|mandaré|dejaré|dejo|tomaré|anotaré|voy a (?:pasar|dar|dejar|transmitir|enviar)(?:le|les)?) (?:\w+ ){0,2}?(?:mensaje|recado|aviso|nota)\b|\b(?:le|se lo|se la) paso (?:el|su|este|la) (?:recado|mensaje|nota|información)|\bse lo (?:paso|digo|comunico|transmito|comento|haré)\b",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "sent",
        rf"\b(?:{_STAFF}|alguien|un compañero|una compañera|nosotros)? ?(?:ya )?(?:le|te|lo|la) (?:llamará|llamarán|devolverá|devolverán|contactará|contactarán|devolveremos|llamaremos|contactaremos|va a llamar|van a llamar|responderá|responderán)\b|\bse (?:pondrá|pondrán|comunicará|comunicarán|pondremos|comunicaremos) (?:en contacto )?(?:con usted|contigo|en contacto)",
        firmness="announced",
    ),
    rule(
        "sent",
        r"\b(?:su|el|tu) (?:mensaje|recado|aviso|nota) (?:será|va a ser|llegará|le llegará|se pasará)\b",
        firmness="announced",
    ),
    rule(
        "connected",
        rf"{_WE_HAVE}(?:pasado|transferido|conectado|comunicado|puesto|derivado) (?:con|a usted|su llamada|la llamada|al|a la|en contacto con)\b|\b(?:su|la) llamada {_IS}(?:transferid|pasad|conectad|desviad)a|\bya está (?:hablando|conectad[oa]|comunicad[oa]|en línea) con\b|\b(?:le|la|lo|te) (?:pasé|transferí|comuniqué|conecté) con\b|\bha sido (?:transferid|conectad)[oa]\b|\b(?:la doctora|el doctor|un compañero|una compañera) está (?:ya )?(?:al teléfono|en línea|en la línea)",
        by_me=True,
    ),
    rule(
        "connected",
        r"\b(?:le|la|lo|te|les) (?:paso|comunico|transfiero|conecto|pongo|derivo|pasaré|comunicaré|transferiré|conectaré|pondré)(?: (?:ahora|ya|ahora mismo|enseguida|inmediatamente|directamente|en seguida|de inmediato))*(?: (?:con|a la|al|en contacto con|la llamada|en comunicación)\b|$)|\b(?:le|la|lo|te)? ?(?:estoy|estamos) (?:pasando|transfiriendo|conectando|comunicando|poniendo)(?:le|la|lo|te)?(?! (?:el|su) (?:recado|mensaje))\b|\b(?:voy|vamos) a (?:pasar|transferir|comunicar|conectar|poner)(?:le|la|lo|te)\b(?! (?:el|su|un) (?:recado|mensaje|aviso))|\bmientras (?:le|la|lo|te) (?:paso|transfiero|comunico|conecto)\b|\b(?:paso|transfiero|desvío|estoy pasando|estoy transfiriendo|pasando|transfiriendo) (?:su|la) llamada\b",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "saved",
        rf"{_WE_HAVE}(?:guardado|actualizado|registrado|anotado|apuntado|cambiado|corregido|añadido|agregado|modificado|tomado nota de|dado de alta) (?:\w+ ){{0,4}}?{_DETAILS}\b|\b{_PRONOUN}(?:guardé|actualicé|registré|anoté|apunté|corregí|agregué|añadí|modifiqué) (?:\w+ ){{0,3}}?{_DETAILS}\b|\b(?:sus|su|tu|tus|los|el|la) (?:nuev[oa]s? )?{_DETAILS}(?: \w+){{0,2}}? ?{_IS}(?:guardad|actualizad|registrad|anotad|corregid|cambiad|apuntad|modificad)[oa]|{_WE_HAVE}(?:tomado nota|anotado|apuntado|registrado|guardado)\b(?! (?:para|el|la cita|su cita))|\bqueda (?:anotado|registrado|apuntado|guardado)\b(?! (?:para|el|a las))|\b(?:lo|la|los|las) (?:anoté|apunté|guardé|registré|actualicé)\b",
        by_me=True,
    ),
    rule(
        "held",
        rf"\b(?:le|te) (?:estoy |estamos )?(?:guardo|guardando|reteniendo|retengo|aparto|apartando|guardamos) (?:\w+ )?(?:{_APPOINTMENT}|la|ese|esa)\b|{_WE_HAVE}(?:guardado|retenido|bloqueado|apartado) (?:\w+ ){{0,2}}?{_APPOINTMENT}|\b(?:la|esa|el|ese) {_APPOINTMENT}(?: \w+){{0,4}}? ?{_IS}(?:retenid|bloquead|apartad|guardad)[oa]",
    ),
    rule(
        "confirmed",
        rf"{_WE_HAVE}(?:confirmado|anotado|registrado|apuntado) (?:\w+ ){{0,3}}?(?:asistencia|que (?:vendrá|viene|asistirá|acudirá|va a venir))|\b(?:su|tu) asistencia(?: \w+)? ?{_IS}(?:confirmad|anotad|registrad)a|\bconfirmé (?:su|tu) asistencia",
        by_me=True,
    ),
    rule(
        "booked",
        rf"{_WE_HAVE}{_BOOKED_P}|\b{_PRONOUN}{_BOOKED_1}\b|\bacabo de (?:reservar|agendar|apuntar|programar|concertar|confirmar|hacer(?:le)? la (?:cita|reserva))(?:le|la|lo|te)?\b|{_WE_HAVE}(?:dado|puesto|hecho|creado|conseguido|encontrado y reservado) (?:\w+ ){{0,2}}?{_APPOINTMENT} (?:para|el|a las|mañana|con)|\b(?:le|te) (?:di|puse|dejé|conseguí) (?:\w+ )?{_APPOINTMENT} (?:para|el|a las|mañana)|{_WE_HAVE}(?:anotado|apuntado|puesto|registrado|metido|inscrito|agregado)\b(?=.*\b(?:para el|para las|para mañana|en la agenda|en el calendario|el lunes|el martes|el miércoles|el jueves|el viernes|el sábado|a las))",
        by_me=True,
    ),
    rule(
        "booked",
        rf"(?<!hora )(?<!hueco )(?:{_IS}(?:\w+ ){{0,2}}?{_BOOKED_P}|\b{_BOOKED_P} (?:queda|está|ha quedado|quedó) (?:su|la|tu)\b|{_IS}(?:anotad|apuntad|registrad|inscrit|agendad)[oa]s?\b|\b(?:su|la|tu) (?:{_APPOINTMENT})(?: [\w:]+){{0,10}}? {_IS}(?:list|hech|en firme|cread|registrad|complet|asegurad|en la agenda|en el sistema)[oa]?\b|\b(?:la|su|tu) (?:cita|reserva)(?: \w+){{0,6}}? (?:se ha|se) (?:realizado|hecho|completado|confirmado|reservado|agendado|realizó|completó|confirmó|hizo)|\b(?:dejo|dejamos|doy|damos) (?:la|su|tu)? ?(?:cita|reserva)? ?(?:por )?(?:reservada|confirmada|agendada|hecha)\b)",
    ),
    rule(
        "booked",
        rf"\bya (?:tiene|tienes|tenemos|está en|le tengo|te tengo) (?:\w+ ){{0,2}}?(?:{_APPOINTMENT}|agenda|sistema|calendario|listo|lista)\b|\b(?:le|te|la|lo|les|los|las) (?:espero|esperamos|vemos|veo|espera|verá|veremos|atenderá|atenderemos|recibirá|esperará)(?: \w+ \w+)? (?:{_DAY})|\bnos vemos (?:{_DAY})|\b(?:la|esa|el|ese) (?:hora|hueco|plaza|cita|turno|espacio) (?:ya )?es suy[oa]\b|\b(?:su|el) código (?:de (?:reserva|la cita|confirmación|cita) )?es\b|\b(?:la doctora|el doctor|la dra|el dr)(?: \w+)? (?:le|te|la|lo) (?:espera|verá|atenderá|recibirá) (?:{_DAY})|^(?:su )?(?:cita|reserva) (?:reservada|confirmada|agendada|hecha|programada)\b|^(?:queda|quedamos|entonces quedamos) (?:para )?(?:el|mañana|a las)",
    ),
    rule(
        "standing",
        rf"\b(?:tiene|tienes|tenía|veo que tiene|usted tiene|veo|encontré|he encontrado|hemos encontrado|encuentro|le consta|consta|figura|aparece|me aparece|me sale) (?:ya |todavía |aún |aquí )?(?:una|su|la|otra|dos|tres|tu|que tiene (?:una|la)|cita) ?(?:\w+ )?(?:{_APPOINTMENT}|programada|reservada|para el|el )(?! (?:libre|disponible))",
    ),
    rule(
        "standing",
        rf"\b(?:su|tu|la próxima|su próxima) (?:{_APPOINTMENT})(?: (?:con|de|para)(?: \w+){{1,4}}?)? (?:sigue|es|será|está|estaba|era|queda|quedaría|continúa) (?:siendo |ahora |en pie|prevista |programada |para )?(?:el |la |mañana|hoy|a las|en pie|este|para|lunes|martes|miércoles|jueves|viernes|sábado|igual|tal cual)",
    ),
    rule(
        "booked",
        r"\b(?:la|su|tu) (?:cita|reserva) (?:queda|quedó|ha quedado|se queda) (?:para|el|a las|mañana|en)\b",
    ),
    rule(
        "done",
        r"(?<!nos )\b(?:(?:se|le|te|lo|la|les) ){0,2}(?:he|hemos) (?:ya )?(?!encontrado|visto|mirado|entendido|oído|tenido|buscado|dicho|podido|estado|sido|hablado de|comprobado|consultado|perdido|olvidado|explicado|leído|preguntado|cerrado|abierto|ido|trabajado|querido|escuchado|revisado|confundido|equivocado)\w+(?:ado|ido|to|cho|so)\b",
        by_me=True,
    ),
    rule(
        "done",
        r"\b(?:ya (?:está|queda|quedó)|está|queda|quedó|ha quedado) (?:todo )?(?:hecho|hecha|listo|lista|arreglado|solucionado|resuelto|gestionado|tramitado|realizado)\b|\b(?:ya|todo) (?:está|queda|quedó) ?(?:todo)?$|\bya está$|\btodo (?:listo|hecho|arreglado|en orden|resuelto)\b|\b(?:ya )?(?:lo|la) (?:he|hemos) (?:hecho|gestionado|tramitado|arreglado|solucionado|resuelto)\b|\bya lo (?:hice|arreglé|resolví|gestioné)\b|\bsu (?:solicitud|petición) (?:ha sido|fue|está|queda) (?:procesada|completada|realizada|tramitada)",
        by_me=True,
    ),
)

BARE: Final = (
    rule("booked", r"(?:ya |todo |cita |queda |reserva )*(?:reservad[oa]|confirmad[oa]|agendad[oa]|apuntad[oa]|programad[oa])(?: (?:para|el|a|con) .*)?"),
    rule("cancelled", r"(?:ya |cita |queda )*(?:cancelad[oa]|anulad[oa])"),
    rule("moved", r"(?:ya |cita |queda )*(?:cambiad[oa]|movid[oa]|reprogramad[oa])(?: (?:para|al|a) .*)?"),
    rule("sent", r"(?:mensaje|recado) (?:enviado|tomado|guardado|anotado|pasado)"),
    rule("done", r"(?:ya está |todo |pues )*(?:list[oa]|hech[oa]|arreglado|solucionado)"),
)  # fmt: skip

_DENIES: Final = re.compile(
    r"(?:^|\s)(?:no(?! se preocupe| hay problema| hay de qué)|nunca|ni|nada|nadie|ningun[oa]?|sin|todavía no|aún no|tampoco|jamás|imposible"
    r"|si|cuando|una vez|en cuanto|tan pronto|antes de|después de|hasta que|para que|a menos|mientras no|siempre que|en caso|apenas|luego de|al (?:reservar|cancelar|confirmar)"
    r"|podría|podríamos|puedo|podemos|puede|pueden|podrá|podré|quiere|quieres|desea|gustaría|querría|quisiera|debería|debe|hay que|tendría|tendrá que|tiene que|intentaré|intento|intentar|a ver|déjeme|permítame|necesito|necesita|espere|habría|hubiera|sería|estaría|quedaría|haría|le gustaría"
    r"|cómo|qué|cuál|cuándo|dónde|quién|confírmeme|dígame|por confirmar|pendiente|sería|queda por|falta|ojalá|según|creo que)(?=\s|$)"
)
_OTHERS: Final = re.compile(
    r"\b(?:esa|ese|la|el|otra|esta|este) (?:\w+ )?(?:hora|hueco|horario|franja|agenda|mañana|tarde|día|semana|lunes|martes|miércoles|jueves|viernes|sábado)(?: [\w:]+){0,4}? (?:ya )?(?:está|están|ha sido|se ha|queda|quedó|fue|acaba de) (?:\w+ )?(?:reservad|ocupad|complet|llen|cogid|tomad|cerrad)"
    r"|\b(?:otra persona|otro paciente|otro cliente|otra paciente|alguien más|por otr[oa])\b|\b(?:complet[oa]s?|ocupad[oa]s?|llen[oa]s?) (?:el|esa|ese|la|todo|toda|hasta)|\bestamos (?:complet|cerrad|llen|al complet)|\b(?:el|la|los) (?:doctora?|dra?|viernes|lunes|martes|miércoles|jueves|sábado)(?: \w+)? (?:está|están|tiene) (?:todo |toda |ya )?(?:complet|ocupad|reservad|llen|cerrad)"
    r"|\b(?:las citas|las cancelaciones|los mensajes|todas las|las reservas)\b.*\b(?:son|se|deben|pueden|están|duran|hechas|canceladas)\b|\b(?:cancelad[oa]s?|anulad[oa]s?) con menos"
)
_SPLIT: Final = re.compile(
    r"(?<=[^\d]),\s+|(?<=\d),\s+(?=\D)|[;!?¿¡…]+\s*|\s[–—-]+\s|:\s+(?=\D)|\.\s+"
    r"|\s+(?=(?:pero|así que|porque|aunque|sino)\b)"
    r"|\s+(?=y (?:su|la|el|le|ya|he|hemos|está|queda|si|qué|cuándo|también|ahora|no|se|puede|podría|hay|tiene)\b)"
    r"|\s+(?=(?:si|cuando|en cuanto|una vez que|mientras)\s)"
)  # fmt: skip
_TAG: Final = re.compile(
    r"(?:de acuerdo|vale|verdad|no|correcto|sí|está bien|le parece|te parece|le parece bien|le va bien|ok|okey|bien|cierto|le viene bien|algo más|necesita algo más|desea algo más|entendido)"
)
_ASKS: Final = re.compile(
    r"(?:y |o |pero |entonces |bueno |así que )*(?:quiere|quieres|desea|le gustaría|puedo|puede|podría|me (?:da|dice|confirma|puede|permite)|hay (?:algo|alguna)|qué|cuál|cuándo|cómo|dónde|quién|para qué|a qué|prefiere|necesita|le (?:viene|va|parece|reservo|apunto|confirmo|cambio|cancelo|gustaría|importa))\b(?! (?:tiene su cita))"
)
_ASIDE: Final = re.compile(
    r"(?:y |pero |así que |o )*(?:por favor|pero|abrimos|cerramos|estamos abiert|llegue|venga|acuda|recuerde|si|en caso|la clínica|la consulta abre|hasta|desde|traiga|procure|dura|cuesta|en vez|en lugar|no|porque|aunque|antes)\b"
)
_SUPPOSES: Final = re.compile(
    r"(?:y |pero |o )*(?:si|cuando|en cuanto|una vez|tan pronto|a menos|antes de|después de|siempre que|en caso)\b"
)
_BUSY: Final = re.compile(
    r"\b(?:está|están|estaba|tiene|tenemos|tengo|hay|puede|podría|abrimos|cerramos|libre|ocupad[oa]|complet[oa]|dura|cuesta)\b"
)
_FILLER: Final = re.compile(
    r"\b(?:muy bien|perfecto|estupendo|genial|de acuerdo|claro|claro que sí|por supuesto|vale|bien|excelente|gracias|muchas gracias|pues|bueno|entonces|sí|listo|no se preocupe|buenas noticias)\b[,.!]?\s*(?=\S)"
)


def _simplify(text: str) -> str:
    text = text.replace("dra. ", "dra ").replace("dr. ", "dr ")
    return _FILLER.sub("", text) or text


SPANISH: Final = Grammar(
    split=_SPLIT,
    tag=_TAG,
    asks=_ASKS,
    denies=_DENIES,
    others=_OTHERS,
    aside=_ASIDE,
    supposes=_SUPPOSES,
    busy=_BUSY,
    rules=RULES,
    bare=BARE,
    simplify=_simplify,
)
