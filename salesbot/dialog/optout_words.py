"""The words by which people say that nobody may write to them, by their part in such a sentence; see ``optout``."""

from __future__ import annotations

from salesbot.dialog.speech import Lexicon

MEANINGS = {
    # who writes what to whom
    "write": """
    пиши пишите пишить строчи строчите спамьте спами беспокой беспокойте тревожь тревожьте донимай донимайте
    приставай приставайте надоедай надоедайте навязывайся навязывайтесь связывайся связывайтесь контактируй
    контактируйте обращайся обращайтесь докучай докучайте написывай написывайте уведомляй уведомляйте информируйте
    """,
    "bother": """
    доставай доставайте дергай дергайте трогай трогайте мучай мучайте преследуй преследуйте лезь лезьте долби
    долбите выходи выходите стучись стучитесь суйся суйтесь
    bother trouble nag badger pitch sell market
    """,
    "to_write": """
    писать написать строчить спамить беспокоить побеспокоить тревожить доставать донимать дергать трогать приставать
    надоедать мучить преследовать навязываться связываться контактировать обращаться лезть долбить докучать
    написывать выходить стучаться связаться информировать уведомлять оповещать извещать рекламировать
    """,
    "text": """
    write text txt message msg dm ping contact approach disturb bug pester harass annoy hassle hound spam reach
    bombard solicit correspond
    """,
    "writing": """
    writing texting txting messaging msging contacting dming pinging approaching bothering disturbing bugging
    pestering harassing annoying hassling hounding spamming reaching stalking hitting nagging badgering troubling
    pitching advertising bombarding soliciting blowing corresponding
    """,
    "wrote": """
    писал писали писала спамили слали присылали беспокоили тревожили доставали связывались обращались трогали
    """,
    "written": "contacted messaged texted bothered disturbed spammed pestered harassed approached solicited written",
    "you_write": "пишете пишешь присылаете шлете достаете спамите напишете напишешь пришлете",
    "converse": """
    общаться переписываться разговаривать говорить дело
    talk speak communicate chat talking speaking chatting deal
    """,
    "call": "звони звоните звонить звонили названивай названивайте названивать набирай call calling called",
    "send": """
    шли шлите присылай присылайте отправляй отправляйте кидай кидайте посылай посылайте высылай высылайте скидывай
    скидывайте рассылай рассылайте слать присылать отправлять кидать посылать высылать рассылать направлять
    send sending
    """,
    "messages": """
    сообщение сообщения сообщений сообщениями смс смски смсок рассылка рассылки рассылку рассылок рассылкой спам
    спама спамом реклама рекламу рекламы рекламой уведомления уведомлений оповещения писем письма переписку
    переписка переписки общение общения
    messages texts txts msgs sms ads adverts advertisements promos promotions promotional newsletters newsletter
    mailings mailing notifications spams communication communications correspondence outreach marketing solicitation
    solicitations
    """,
    "stuff": """
    ничего нечего хрень фигню фигни херню херни чушь ерунду ерунды мусор хлам дичь бред предложения предложений
    предложениями информацию
    anything nothing everything information crap shit junk bs bullshit nonsense garbage stuff rubbish offers pitches
    """,
    "word": "слова слово строчки буквы звука писка word",
    "me": "меня нас me us сюда суда here мя мну myself",
    "to_me": "мне нам мной нами",
    "you": "вы ты вас тебя вам тебе вами тобой you u ya yall youre ye",
    "your": "ваш ваша ваши вашу ваших вашей вашего вашем your ur yours свой своих свою своей свое",
    "by_your": "своими вашими твоими вашим своим",
    "i": "я мы i im we ive id ill",
    "this": "this these those that thats it its него",
    "third": """
    он она они ему ей им его ее их муж мужа мужу жена жены жене мама маме папа сын дочь сестра начальник босс шеф
    директор коллега коллеги клиент клиенты клиентам сотрудники подруга сосед
    he she they him them his her their husband wife mom mother dad son daughter brother sister boss colleague
    colleagues client clients customer customers supplier
    """,
    "say": """
    сказал сказала сказали говорят просит просят просил просила просили пишет пишут написал написала написано
    говорили сообщил кричит требует повторять твердить
    said says say told tells asked asks wrote writes tell
    """,
    # no
    "not": "не not dont never mustnt shouldnt neednt dnt dun donot",
    "nor": "ни nor",
    "didnt": "didnt doesnt wont cant cannot wouldnt couldnt isnt wasnt arent hasnt havent hadnt",
    "no": "нет неа no nope никаких никакой никакого никакую",
    "forbid": """
    бесполезно бессмысленно незачем нельзя запрещаю запрещено запрещаем запретил
    forbid forbidden prohibit
    """,
    "need": """
    надо нужно стоит следует обязательно смей смейте вздумай вздумайте пытайся пытайтесь нада
    need dare have try attempt trying
    """,
    "wanted": "нужны нужна нужен интересны интересна интересует интересуют unwanted unsolicited needed welcome",
    "ask": "прошу просьба требую просим настаиваю ask demand asking request insist begging beg",
    "want": """
    хочу хотим желаю желаем хотел хотела хотелось намерен
    want wish wanna desire like wants prefer care agree wishing interested
    """,
    "against": "против возражаю object oppose against",
    "that": "чтобы чтоб",
    "receive": """
    получать видеть читать слышать знать
    receive receiving get getting hear hearing see seeing read reading
    """,
    "saw": "видел видела слышал слышала видели слышали",
    "able": "можете можешь могли можно could can would will how как где where may",
    "more": "больше более еще-раз more further another already future",
    "ever": """
    никогда вообще впредь вовсе навсегда отовсюду окончательно некогда
    ever again anymore longer forever everywhere agn
    """,
    "cease": """
    перестань перестаньте прекрати прекратите прекращай прекращайте кончай кончайте завязывай завязывайте заканчивай
    заканчивайте бросай бросайте бросьте прекратить перестать перестанете перестанешь прекратишь остановите останови
    остановитесь остановись завязывать прекращаем прекращаю прекратим
    quit stopping halt refrain stopped end terminate kill
    """,
    "stop": """
    стоп стопэ стопай стопайте стпо сотп тсоп
    stop stahp stopall stpo sotp tsop cease desist 🛑 ⛔ discontinue
    """,
    "use": "use using",
    "do": "делай делайте",
    "turn": "turn switch shut",
    "refuse": "отказываюсь отказываемся отказ refuse decline",
    "make": "make making сделайте",
    # out of the list
    "unsubscribe": """
    отписаться отписываюсь отписка отписку отписывайте отписывай отписываемся ансабскрайб анписка
    unsubscribe unsub optout unsubscribing desubscribe unsubscription
    """,
    "sign_off": "отпишите отпиши отписать отключите отключи отключить отсоедините unenroll deregister disconnect",
    "remove": """
    удали удалите удалить удаляй удаляйте убери уберите убрать убирай убирайте исключи исключите исключить
    исключайте вычеркни вычеркните вычеркнуть вычеркивайте выпиши выпишите выпишитесь выкинь выкиньте сотри сотрите
    стереть стирайте сними снимите снять снимайте выведите вынесите потеряй потеряйте выбрось выбросьте отмени
    отмените отменить выписывайте
    remove delete take strike scrub drop erase lose exclude pull wipe unlist purge kick cut cross bin burn scratch
    cancel
    """,
    "forget": "забудь забудьте забыть forget",
    "list": """
    база базы базу баз базе список списка списков списки листа контактов реестра подписчиков получателей адресатов
    list lists database base db contacts records distribution crm phonebook roster recipients system sheet register
    mailing-list subscribers
    """,
    "subscription": "подписку подписки подписка subscription",
    "contact": """
    номер номерок контакт номера номеру аккаунт контакты контактные телефона телефону телефон
    number phone account name contactinfo
    """,
    "existence": "существование существовании существованье существую дорогу existence exist exists",
    "inbox": "inbox dms life личку личке лички жизни переписке",
    "keep": "keep",
    "add": "внеси внесите добавь добавьте занеси занесите закиньте поставь поставьте put add place mark",
    "blacklist": "чс черный blacklist suppression dnc donotcall donotcontact игнор стоплист",
    "consent": "согласие согласия разрешение consent permission",
    "withdraw": "отзываю отозвать withdraw revoke withdrawing revoking",
    # go away
    "leave": "оставь оставьте отставьте leave",
    "peace": "покое покои впокое alone peace",
    "go_off": """
    отстань отстаньте отвали отвалите отвяжись отвяжитесь отцепись отцепитесь отвянь отвяньте отлезь отлезьте
    отъебись отъебитесь отъебите отвязаться исчезни исчезните сгинь сгиньте проваливай проваливайте убирайся
    убирайтесь катись катитесь свали свалите уйди уйдите отстанете отстанешь отвяжетесь отвалитесь отвалишь отсохни
    отчепись отчепитесь скройся скройтесь испарись испаритесь уймись уймитесь потеряйся потеряйтесь
    scram shoo begone fuckoff pissoff
    """,
    "go": "иди идите пошел пошла пошли вали валите go piss fuck buzz bugger sod back screw eff f stay jog naff shove",
    "away": """
    нахуй нах нахер нафиг хуй хер фиг черту черт лесом вон жопу задницу баню подальше прочь нахрен отсюда
    away off lost
    """,
    # I block you
    "block": """
    блокирую заблокирую заблокировал заблокировала блочу заблочу заблочил забаню забанил забанила заблокированы
    заблокирован блок блокировка блокну бан
    block blocking blocked ban banned banning
    """,
    "punish": """
    полиция полицию пожалуюсь жалоба жалобу жалуюсь суд роскомнадзор прокуратуру фас заявление засужу
    report reporting sue police lawyer complaint complain court ftc fcc ico harassment
    """,
    "again": "еще next",
    "now": "now сейчас немедленно today immediately",
    "topic": "про насчет касательно поводу о об обо about regarding concerning re",
    "busy": "совещании встрече дороге рулем сплю работе болею больнице meeting driving asleep sleeping",
    "channel": """
    почту почте почта емейл имейл вотсап вотсапе ватсап вайбер инстаграм инсту вк вконтакте рабочий рабочую рабочем
    старый голосовые голосовыми голосовое письмом звонком чате чат чатах группе группу
    email emails mail mails whatsapp viber work landline office signal instagram linkedin voice
    """,
    # what takes it back
    "if": "если ежели когда пока коли if when unless while once whenever whether till until обычно usually normally",
    "except": "кроме только лишь вместо лучше зато except only instead rather",
    "but": "но but however though",
    "joke": "шучу шутка шутю прикол kidding joking jk",
    "why": "почему зачем why",
    "back": """
    напиши напишите позвони позвоните перезвони перезвоните свяжись свяжитесь пришли пришлите отправь отправьте
    скинь скиньте обратитесь подойдите приходите
    """,
    "others": "другим другому кому-нибудь кому-то конкурентам себе ком-нибудь others someone elsewhere else",
    "with": "со с with w",
    "from": "из от from out of",
    "starter": "а и иначе потому поскольку ведь ибо because cause and or otherwise since as n это что значит",
    "so": "so",
    "wrong": "wrong ошиблись ошибка ошибке ошиблась",
    "enough": "хватит довольно достаточно харе хорош харош enough",
    "annoyed": """
    достали достал достало надоели надоел надоело задолбали задолбал задолбала заебали заколебали замучили
    """,
    "removed": "removed deleted taken erased unlisted",
    "sold": "selling",
    "back_again": "comeback",
    # says little here
    "sender": """
    уроды урод идиот идиоты козлы козел тварь твари суки спамеры спамер бот боты ботяра робот железка программа
    мошенники придурки придурок компания компании контора фирма
    idiot idiots asshole assholes moron morons bastard bastards jerk jerks stupid creep bot robot clanker spammer
    spammers company firm business people
    """,
    "pre": """
    говорю сказано повторяю раз устал устала бесит бесите последний сколько говорил говорила понимаете понятно понял
    ясно интересно неинтересно спасибо благодарю знаю занят занята подписывался подписывалась
    telling repeat last warning sick tired fed busy thanks thank serious seriously scam done finished fair warned
    final clear effective
    """,
    "fill": """
    пожалуйста пжл пж пжлст плиз плз пож пжста будьте будь добры добр любезны очень уже просто спс ну все всё тогда
    девушка извините простите здравствуйте здрасьте привет день доброе тут тем эту эти этой этот этого этих этому
    того тех кому вот мой моему моим мою моего моя моей моих наш наша наши нашу весь всю всех то ка же бы ли наконец
    слушай слушайте слышь у есть короче ребята ребят народ господа мужчина товарищи дорогие уважаемые срочно быстро
    скорее прямо совсем абсолютно категорически официально честно серьезно давай давайте ладно окей ок хорошо блин
    блять бля сука ёпт ебаный ебаные гребаный чертов чертовы дурацкие тупые всякие любые всякую ваще мать твою себя
    на в к ко по рекламные рекламных бесконечные блядь дружок братан бро чувак брат свидания всего доброго хорошего
    дня ради бога бог одного одной одно какую-либо каких-либо один единого единой момента связь совести
    по-человечески по-хорошему прекратите-ка да личный ага лол ребятки люди господи мадам дамочка парень продавец
    в-общем впрочем итак убедительно убедительная
    please pls plz plez kindly just the any at all ok okay hi hello hey sir madam mate bro man dude guys folks buddy
    friend dear really asap right straight permanently completely entirely fucking damn bloody freaking goddamn god
    sake for to be being been my mine own our on up in a an way do does hell heck ffs wtf omg jesus christ sorry
    well look listen yo sincerely regards bye goodbye day simply personal mobile private thx ty cheers shall must by
    form kind ways means whatsoever sales silly hereby one hit click press upon lol had given give gave tf
    """,
}
FORGIVEN = """
пишите писать написать беспокойте беспокоить тревожьте отстаньте отвяжитесь отцепитесь отвалите удалите уберите исключите
вычеркните перестаньте прекратите хватит рассылка рассылку рассылки сообщения сообщений присылайте отправляйте отпишите
отписаться отписываюсь никогда больше оставьте
unsubscribe message messages messaging texting contact contacting contacted writing anymore remove leave alone spamming
bother bothering sending already please
"""
"""What is recognised with a slip of the finger in it."""
OTHER_WORDS = """
беспокойтесь беспокойся беспокоят тревожьтесь тревожься ищите опишите описать записать написан написав списать вписать
пытать пират большое большие большей больший большем больнее дольше польше толще общении перестанет убейте берите хватать
схватить охватить хвалить хвалит ставьте отправляйтесь
subscribe subscribed unsubscribed subscriber other bothers along lone clone malone aloe atone waiting testing writings
contract contracted contracting spacing shaming sparing massage massages massaging leaves lease weave cleave pleased pleases
spending ending pending lending bending sensing vending tending seeding mending remote removes
"""
"""Words of their own that are one slip away from one of those."""
NEGATED = "write to_write send bother need want text converse call"
GLUED = {
    *((no, verb) for no in ("not", "nor", "stop") for verb in NEGATED.split()),
    *((verb, me) for verb in ("write", "sign_off", "remove", "unsubscribe") for me in ("me", "to_me")),
}

LEXICON = Lexicon(MEANINGS, forgiven=FORGIVEN, other_words=OTHER_WORDS, glued=GLUED)
