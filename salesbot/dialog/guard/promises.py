"""Promises: what somebody will do after this message must be recorded as a task, or nobody will keep it.

Handing over (``передам коллеге``) and speech in the chat itself (``расскажу``, ``explain``) are kept by being said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from salesbot.dialog.guard import modality
from salesbot.dialog.guard.scene import Scene, Violation
from salesbot.dialog.guard.topics import topics
from salesbot.dialog.guard.words import Span, Text, phrases
from salesbot.dialog.model import Outcome

MANY = 8
"""So many words that may promise are looked at in one thought."""
_WHEN_RU = (
    r"сегодня|завтра|послезавтра|позже|попозже|скоро|вскоре|днем|утром|вечером|ночью|на днях|на неделе|"
    r"на этой неделе|на следующей неделе|в течение|через|после обеда|к обеду|к вечеру|к утру|до обеда|до вечера|"
    r"до конца|с утра|минутк\w+|чуть позже|(?:в|во|к|ко|до) (?:понедельник\w*|вторник\w*|сред[уеы]|четверг\w*|"
    r"пятниц[уеы]|суббот[уеы]|воскресень[юея]|выходны\w+)|(?:в|к|до|около) \d{1,2}(?: \d\d|:\d\d)?|\d{1,2}:\d\d|"
    r"утра|часов|час|как только|сразу после|немедленно|в ближайш\w+|ближе к"
)
_WHEN_EN = (
    r"today|tonight|tomorrow|later|soon|shortly|(?:this|next) (?:morning|afternoon|evening|week|month)|(?:by|on|"
    r"before|until) (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|noon|tonight|tomorrow|the end|eod|"
    r"lunch\w*|end of)|monday|tuesday|wednesday|thursday|friday|saturday|sunday|within|in (?:a|an|the|"
    r"\w+) (?:minutes?|mins?|hours?|days?|weeks?|moment|morning|evening|afternoon)|in an hour|at \d{1,2}|"
    r"by \d{1,2}|\d{1,2}:\d\d|first thing|right (?:away|back|now)|straight away|asap|as soon as|end of (?:day|"
    r"the day|the week)|after lunch|before lunch|over the weekend"
)
_WHEN = re.compile(rf" (?:{_WHEN_RU}|{_WHEN_EN})(?= )")

_OUT_RU = (  # done away from this chat, or after it: perfective verbs, first person
    r"(?:при|вы|ото|пере|до|по|разо|под)шл(?:ю|ем)|отправ(?:лю|им)|перенаправ(?:лю|им)|направ(?:лю|им)|с?кин(?:у|"
    r"ем)|перекин(?:у|ем)|подкин(?:у|ем)|сбро(?:шу|сим)|дошл(?:ю|ем)|(?:пере|по|об|до|со)звон(?:ю|им)(?:сь|ся)?|"
    r"набер(?:у|ем)|свяж(?:усь|емся)|отпиш(?:усь|емся)|(?:на|до|за|от|о)пиш(?:у|ем)|верн(?:усь|емся)|сообщ(?:у|"
    r"им)|дам знать|дадим знать|напомн(?:ю|им)|оповещ(?:у|им)|уведом(?:лю|им)|маякн(?:у|ем)|(?:раз|по)?узна(?:ю|"
    r"ем)|выясн(?:ю|им)|проверю|проверим|перепровер(?:ю|им)|провер(?:ю|им)|разбер(?:усь|емся)|спро(?:шу|сим)|"
    r"переспро(?:шу|сим)|поинтересу(?:юсь|емся)|согласу(?:ю|ем)|посовету(?:юсь|емся)|обсу(?:жу|дим) с|уточн(?:ю|"
    r"им)|похлопоч(?:у|ем)|попрошу|попросим|проконтролиру(?:ю|ем)|прослежу|проследим|позабо(?:чусь|тимся)|"
    r"подготов(?:лю|им)|приготов(?:лю|им)|состав(?:лю|им)|рассчита(?:ю|ем)|просчита(?:ю|ем)|оформ(?:лю|им)|"
    r"заброниру(?:ю|ем)|брониру(?:ю|ем)|зарезервиру(?:ю|ем)|резервиру(?:ю|ем)|придерж(?:у|им)|отлож(?:у|им)|"
    r"закреп(?:лю|им)|организу(?:ю|ем)|устро(?:ю|им)|договор(?:юсь|имся) с|выстав(?:лю|им)|сформиру(?:ю|ем)|"
    r"подпиш(?:у|ем)|внес(?:у|ем)|запиш(?:у|ем) вас|назнач(?:у|им)|поставлю|закаж(?:у|ем)|подбер(?:у|ем)|"
    r"добав(?:лю|им) вас|сдела(?:ю|ем)|подъеду|приеду|заеду|завезу|привезу|доставлю|"
    r"заберу|встреч(?:у|усь|имся)|занес(?:у|ем)|передам лично|подвез(?:у|ем)|подойд(?:у|ем) к вам"
)
_HANDS_RU = phrases(r"""
    переда(?:м|дим|ю|ем)|позов(?:у|ем)|зову|подключ(?:у|им)|приглаш(?:у|аю|им)|соедин(?:ю|им)
    (?:попрошу|попросим|спрошу) (?:\w+ )?(?:коллег\w*|менеджер\w*|специалист\w*)
    (?:спросим|уточн(?:ю|им) у|обращусь к) (?:\w+ )?(?:коллег\w*|менеджер\w*|специалист\w*)
    (?:попрошу|попросим|спрошу) (?:\w+ )?(?:сотрудник\w*|человек\w*|мастер\w*)
    (?:спросим|уточн(?:ю|им) у|обращусь к) (?:\w+ )?(?:сотрудник\w*|человек\w*|мастер\w*)
""")
_COMPANY_RU = (
    r"привез(?:ем|ут)|достав(?:им|ят)|постав(?:им|ят)|установ(?:им|ят)|забер(?:ем|ут)|почин(?:им|ят)|замен(?:им|"
    r"ят)|подмен(?:им|ят)|приед(?:ет|ут|ем)|подъед(?:ет|ут)|обуч(?:им|ат)|покаж(?:ем|ут)|подключ(?:им|ат)|"
    r"подъедем|заедем|завез(?:ем|ут)|отгруз(?:им|ят)"
)
_OTHERS_RU = (
    r"(?:при|вы|ото|пере)шл(?:ет|ют)|отправ(?:ит|ят)|скин(?:ет|ут)|(?:пере|по)звон(?:ит|ят)|набер(?:ет|ут)|"
    r"свяж(?:ется|утся)|напиш(?:ет|ут)|верн(?:ется|утся)|сообщ(?:ит|ат)|уточн(?:ит|ят)|подготов(?:ит|ят)|"
    r"рассчита(?:ет|ют)|оформ(?:ит|ят)|выстав(?:ит|ят)|ответ(?:ит|ят)|подъед(?:ет|ут)|приед(?:ет|ут)|заед(?:ет|"
    r"ут)|привез(?:ет|ут)|достав(?:ит|ят)|установ(?:ит|ят)|(?:при|по)дет|придут|будет|будут|поступ(?:ит|ят)|"
    r"получите|окажется|появится"
)
_RU = re.compile(rf" (?:{_OUT_RU})(?= )")
_RU_COMPANY = re.compile(rf" (?:{_COMPANY_RU})(?= )")
_RU_OTHERS = re.compile(rf" (?:{_OTHERS_RU})(?= )")
_WILL_DO_RU = phrases(r"""
    обеща(?:ю|ем)|даю слово|гарантирую что|ждите (?:письм\w*|звон\w*|сообщени\w*|ответ\w*|договор\w*)
    ждите (?:счет\w*|предложени\w*|от (?:меня|нас)|курьер\w*|мастер\w*)|ожидайте\w*
    буду на связи (?:завтра|сегодня|в)
    (?:с меня|за мной|от меня) (?:\w+ )?(?:письм\w*|звон\w*|договор\w*|счет\w*|предложени\w*|расч\w*)
    (?:с меня|за мной|от меня) (?:\w+ )?(?:отчет\w*|презентаци\w*|файл\w*|кп|список|напоминани\w*)
    (?:буду|будем) (?:ждать вас|звонить|держать|писать|присылать|отправлять|напоминать|следить|уточнять)
    возьму (?:на себя|на контроль|на заметку)|беру на себя|займусь|займемся|сделаю
""")
_THING_RU = phrases(r"""
    договор\w*|счет\w*|кп|предложени\w*|смет\w*|расчет\w*|презентаци\w*|каталог\w*|прайс\w*|документ\w*|письмо|ответ
    файл\w*|фото\w*|видео|машина|машину|курьер\w*|мастер\w*|звонок|заявка|подтверждение|отчет\w*|бланк\w*|акт\w*
""")
_SHALL_RU = phrases(r"""
    будет|будут|придет|придут|поступит|поступят|получите|окажется|появится|отправится|пришлют|вышлют|уйдет|уже у вас
""")

_OUT_EN = (
    r"send\w*|e-?mail\w*|mail|text|message|call\w*|ring|phone|dial|get back|come back|circle back|write (?:to you|"
    r"you|back|again|later|tomorrow)|drop (?:you|by|off|it|in|a)|ping|forward\w*|share|check\w*|find out|"
    r"look (?:into|it up|that up|up)|ask\w*|confirm\w*|verify|clarify|double-check|double check|consult|follow up|"
    r"remind|update you|keep you (?:posted|updated|informed)|let you know|prepare|draft|put together|draw up|"
    r"work (?:out|up)|calculate|set up|set it up|arrange\w*|organi[sz]e|book\w*|reserve\w*|hold (?:it|one|the|a|"
    r"that)|put (?:one|it|you|a|the)|keep (?:one|it|the)|schedule\w*|place|order|issue|invoice|process|fix (?:it|"
    r"that|this)|sort (?:it|that|this|everything)|handle|take care|see to it|make sure|bring|deliver\w*|ship\w*|"
    r"pick (?:it )?up|come (?:by|over|round)|stop by|visit|install|pop (?:in|by|over)|meet you|note (?:it|"
    r"that) down|have (?:it|the|a|an|someone|somebody|my|our|one) |get (?:it|the|a|you|someone|somebody|one|that|"
    r"this) |do (?:it|that|this) |pass (?:you|it) my|reach out|be in touch|be back|touch base|chase|speak (?:to|"
    r"with) |talk (?:to|with) |run (?:it|this|that) |return (?:your|with|to you)|post (?:it|you|the)|supply|"
    r"provide you|attach|make (?:it|a|the|that|an) |chat (?:to|with) |report back"
)
_I_WILL = (
    r"(?:i|we)(?:'ll| will| shall|'m going to|'re going to| am going to| are going to|'m gonna|ll| intend to|"
    r" promise to| plan to)"
)
_EN = re.compile(
    rf" (?:{_I_WILL})(?: (?:then|also|just|quickly|definitely|certainly|personally|happily|gladly|be sure to|"
    rf"make sure to|now|try to|simply|go and|go|and|be|soon|immediately|have to|need to|only|"
    rf"of course))* (?:{_OUT_EN})"
)
_DOING_EN = re.compile(
    r" (?:i'm|i am|we're|we are)(?: (?:just|now|already|currently|going to be))* (?:sending|emailing|e-mailing|"
    r"mailing|texting|reserving|holding|keeping (?:it|one|a|the|that)|booking|preparing|drafting|putting (?:one|"
    r"it|you|a|the|together)|arranging|scheduling|ordering|shipping|delivering|checking|looking into|finding out|"
    r"setting (?:one|it|a) |saving (?:one|it|a|you))(?= )"
)
_DOING_RU = phrases(r"""
    придерживаю|бронирую|резервирую|держу (?:для вас|за вами|машину)|откладываю|отправляю|высылаю|присылаю|скидываю
    записываю вас|оформляю|готовлю|составляю|выписываю|заказываю|выставляю|узнаю|уточняю|проверяю
    ставлю (?:вас|в график)|(?:отправила|выслала|прислала|забронировала|зарезервировала)
    (?:отложила|оформила|выставила|заказала|записала вас|назначила)
    (?:уточнила|узнала|проверила|подготовила|отправил|выслал)
    (?:забронировал|оформил|выставил|заказал|проверил|уточнил)
""")
_DONE_EN = re.compile(
    r" (?:i|we)(?:'ve| have)?(?: (?:just|already|now))* (?:sent|emailed|booked|reserved|scheduled|arranged|"
    r"checked|ordered|shipped|confirmed|put (?:one|a|it) aside|asked|spoken|called|prepared|issued|set (?:one|"
    r"it) aside)(?= )"
)
_LET_ME = re.compile(rf" let me (?:just |quickly |go |first |go and )*(?:{_OUT_EN})")
_EN_MORE = phrases(rf"""
    (?:i|we) promise|(?:you have|you've got) my word|count on (?:me|us)|leave (?:it|that|this) (?:with|to) (?:me|us)
    (?:you'll|you will|you shall|you can) (?:\w+ )?(?:have|get|receive) (?:[^ ]+ ){{0,8}}(?:{_WHEN_EN})
    (?:you'll|you will|you shall|you can) (?:\w+ )?(?:hear|expect|see|find) (?:[^ ]+ ){{0,8}}(?:{_WHEN_EN})
    you'll hear from (?:me|us)|you will hear from (?:me|us)
    expect (?:[^ ]+ ){{0,8}}(?:{_WHEN_EN}|from me|from us|my (?:call|e-?mail|message))
    (?:sending|calling|emailing|e-mailing)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})
    (?:forwarding|shipping|delivering|booking)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})
    (?:mailing|coming|bringing|preparing)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})
    (?:drafting|reserving|checking|getting back)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})
    (?:it|contract|invoice|offer)(?:'ll| will| is going to| should)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})
    (?:quote|details|paperwork|documents?)(?:'ll| will| is going to| should)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})
    (?:machine|e-?mail|proposal|file)(?:'ll| will| is going to| should)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})
    (?:brochure|courier)(?:'ll| will| is going to| should)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})
    (?:technician|answer|confirmation)(?:'ll| will| is going to| should)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})
    on my (?:to-do )?list|(?:it's|is|are) on (?:its|their) way
    will be (?:in your (?:inbox|mailbox|hands)|with you|on your (?:desk|doorstep))
""")
_PASSES_ON = re.compile(
    r" (?:(?:pass|hand|forward|transfer|refer|relay)\w* (?:[^ ]+ ){0,5}(?:on|over|to (?:a|my|our|"
    r"the) (?:colleague|human|person|team|manager)\w*|along)|(?:call|calling|ask|asking|get|bring|bring in|"
    r"fetch) (?:in )?(?:a|my|our|one of|somebody|someone|the) ?(?:human|person|colleague\w*|of my colleagues|"
    r"manager|team\w*|somebody|someone|real)|let a (?:colleague|human) know)"
)
_OTHERS_EN = re.compile(
    rf" (?:colleagues?|manager|technician|team|somebody|someone|specialist|engineer|courier|driver|office|"
    rf"they)(?: (?!will)[^ ]+){{0,4}}(?:'ll| will| is going to| are going to|is|"
    rf")(?: [^ ]+){{0,10}} (?:{_WHEN_EN})(?= )"
)
_SENDS_EN = re.compile(
    rf" (?:colleague|manager|technician|specialist|engineer|courier|accountant) (?:sends|e-?mails|mails|calls|rings|"
    rf"writes|texts|brings|delivers|answers)(?: [^ ]+){{0,8}} (?:{_WHEN_EN})(?= )"
)
_APPOINTED = re.compile(
    r" (?:сегодня|завтра|послезавтра|через|утром|вечером|днем|(?:в|во|к|до) (?:понедельник|вторник|сред[уе]|четверг\w?|"
    r"пятниц[уе]|суббот[уе]|воскресень[ею])|(?:в|к|до) \d+|today|tonight|tomorrow|(?:by|on|at) \w+|this \w+|"
    r"\d\d?:\d\d)(?= )"
)
_OTHER_WHO_RU = phrases(r"""
    коллег\w*|менеджер\w*|мастер\w*|специалист\w*|курьер\w*|сотрудник\w*|бухгалтери\w*|юрист\w*|инженер\w*|он|она
    они|вам
""")
_HABIT = re.compile(
    r" (?:по будням|рабочее время|обычно|как правило|всегда|on weekdays|usually|normally|always|every)(?= )"
)
_OPEN = phrases(r"""
    напишите|скажите|назовите|выберите|сообщите|подскажите|tell me|let me know|name|choose|pick|say|just write|write
""")
_HERE = phrases(r"""
    (?:сейчас|прямо здесь|прямо тут|здесь же|одной строкой|коротко|вкратце|сразу)
    (?:тут|в двух словах|here it is|right here|in one line|briefly|in short|now)
""")
_SPEECH_ASK = re.compile(r" (?:уточн(?:ю|им)|спро(?:шу|сим)|переспро(?:шу|сим)|check|ask|confirm|clarify|let me)(?= )")
_YOUR_OWN = re.compile(r" (?:вы|вам нужно|сами|самостоятельно|you|yourself)(?= )")


def unkept(scene: Scene, text: Text) -> Iterator[Violation]:
    """Promises in words without one in the reply."""
    if scene.reply.promise is not None:
        return
    told = bool(scene.reply.handoff) or scene.reply.outcome is Outcome.WON
    for sentence in text.sentences:
        if any(_promises(sentence, thought, told=told) for thought in sentence.thoughts):
            yield Violation(
                "promise", "Something is promised that nobody has noted: set promise, or do not promise it."
            )
            return


def _promises(sentence: Span, thought: Span, *, told: bool) -> bool:
    line = thought.line
    if sentence.asks or modality.reports(thought):
        return False
    timed = _WHEN.search(line) is not None
    open_offer = (modality.depends(sentence) or _OPEN.search(sentence.line)) and not timed
    if open_offer:
        return False
    return _first_person(thought, line, timed=timed) or (not told and timed and _by_others(thought, line))


def _first_person(thought: Span, line: str, *, timed: bool) -> bool:
    handed = _PASSES_ON.sub(" ", _HANDS_RU.sub(" ", line))
    for pattern in (_RU, _EN, _LET_ME, _WILL_DO_RU, _EN_MORE, _DOING_EN, _DOING_RU, _DONE_EN):
        if _stays(thought, handed, pattern):
            return True
    if timed and not _of_service(line) and _stays(thought, handed, _RU_COMPANY):
        return True
    return timed and _THING_RU.search(handed) is not None and _stays(thought, handed, _SHALL_RU)


def _stays(thought: Span, line: str, pattern: re.Pattern[str]) -> bool:
    """Whether something of this is said and not undone: a condition that is promised nothing for may stand first."""
    since = 0
    for match in islice(pattern.finditer(line), MANY):
        if not _undone(thought, line, match, since):
            return True
        since = match.end()
    return False


def _undone(thought: Span, line: str, match: re.Match[str], since: int) -> bool:
    """Denied, or done by the very words that follow: a colon, a question of ours."""
    if re.search(r" (?:не|ни|not|never|won't|can't|cannot|no)(?: \w+)? \Z", line[: match.start() + 1]):
        return True
    if re.search(
        r" (?:чтобы|прежде чем|(?:до|после) того как|как только|если|когда|ли|once|after|when|if)(?: [^ ]+){0,2} \Z",
        line[since : match.start() + 1],
    ):
        return True
    if "not" in match[0].split() or "n't" in match[0]:
        return True
    by_speech = _SPEECH_ASK.search(match[0] + " ") is not None or _HERE.search(line) is not None
    return (":" in thought.marks) and (by_speech or _WHEN.search(line) is None)


def _of_service(line: str) -> bool:
    """Says how repairs go, for no day that is named: no promise, and how soon is judged as a term."""
    return bool(topics(line) & {"repair", "service", "replace"}) and _APPOINTED.search(line) is None


def _by_others(thought: Span, line: str) -> bool:
    """What a colleague will do at a time that is named needs a task as well, where no human is told."""
    if modality.denies(thought.gist) or modality.only_able(thought) or _HABIT.search(line):
        return False
    if _of_service(line):
        return False
    if _SENDS_EN.search(line):
        return True
    russian = _OTHER_WHO_RU.search(line) is not None and _RU_OTHERS.search(line) is not None
    return russian or (_OTHERS_EN.search(line) is not None and " will " in line.replace("'ll ", " will "))
