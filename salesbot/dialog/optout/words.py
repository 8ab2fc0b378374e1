"""The words by which people say that nobody may write to them, by their part in such a sentence; see ``grammar``."""

from __future__ import annotations

from salesbot.dialog.speech import Lexicon

MEANINGS = {
    # who writes what to whom
    "write": """
    пиши пишите пишить строчи строчите связывайся связывайтесь контактируй контактируйте обращайся обращайтесь
    написывай написывайте уведомляй уведомляйте информируйте
    """,
    "bother": """
    доставай доставайте дергай дергайте трогай трогайте преследуй преследуйте лезь лезьте долби долбите выходи
    выходите стучись стучитесь суйся суйтесь начинай начинайте возвращайся возвращайтесь появляйся появляйтесь мешай
    мешайте засоряй засоряйте забивай забивайте мусорь мусорьте флуди флудите навязывай навязывайте впаривайте
    втюхивайте напоминайте досаждай досаждайте бомбите терроризируйте теребите вступайте общайтесь заваливайте
    bother slide trouble nag badger pitch sell market pester harass annoy bug hassle hound flood clog clutter interact
    engage
    """,
    "to_write": """
    писать написать строчить спамить беспокоить побеспокоить тревожить доставать донимать дергать трогать приставать
    надоедать преследовать навязываться связываться контактировать обращаться лезть долбить докучать написывать
    выходить стучаться связаться информировать уведомлять оповещать извещать рекламировать атаковать бомбить
    терроризировать засорять
    песать
    """,
    "text": "write text txt message msg dm ping approach disturb reach bombard solicit correspond",
    "writing": """
    writing texting txting messaging msging contacting dming pinging approaching bothering disturbing bugging
    pestering harassing annoying hassling hounding spamming reaching stalking hitting nagging badgering troubling
    pitching advertising bombarding soliciting blowing corresponding chasing flooding clogging filling cluttering
    textin txtin messagin writin spammin txtn txtng
    """,
    "wrote": """
    писал писали писала спамили слали присылали беспокоили тревожили доставали связывались обращались трогали
    """,
    "written": "contacted messaged texted bothered disturbed spammed pestered harassed approached solicited written",
    "you_write": """
    пишете пишешь присылаете шлете достаете спамите напишете напишешь пришлете потревожите побеспокоите тронете
    пришлешь
    """,
    "converse": """
    общаться переписываться разговаривать говорить дело
    talk speak communicate chat talking speaking chatting deal
    дела дел
    """,
    "call": """
    звони звоните звонить звонил звонила звонили названивай названивайте названивать набирай звонков звонки звонка
    call calling called
    """,
    "send": """
    шли шлите присылай присылайте отправляй отправляйте кидай кидайте посылай посылайте высылай высылайте скидывай
    скидывайте рассылай рассылайте слать присылать отправлять кидать посылать высылать рассылать направлять
    send sending
    направление отправку отправка направляйте
    """,
    "messages": """
    сообщение сообщения сообщений сообщениями смс смски смсок спам спама спамом реклама рекламу рекламы рекламой
    уведомления уведомлений оповещения писем письма переписку переписка переписки общение общения напоминания
    напоминаний разговор диалог беседу сообщениях сообщениям
    messages texts txts msgs sms ads adverts advertisements promos promotions promotional notifications spams
    communication communications correspondence outreach marketing solicitation solicitations spam reminders pings
    followups conversation dialogue
    коммуникаций коммуникации коммуникацию материалы материалов
    """,
    "stuff": """
    подобное подобного такое такого
    ничего нечего хрень фигню фигни херню херни чушь ерунду ерунды хлам дичь бред предложения предложений
    предложениями информацию
    anything nothing everything information crap shit junk bs bullshit nonsense garbage stuff rubbish offers pitches
    """,
    "word": "слова слово строчки буквы звука писка word",
    "me": "меня нас me us сюда суда here мя мну myself тут здесь миня мене мене сюды",
    "to_me": "мне нам мной нами мине",
    "you": "вы ты вас тебя вам тебе вами тобой you u ya yall youre ye youve",
    "your": "ваш ваша ваши вашу ваших вашей вашего вашем your ur yours свой своих свою своей свое",
    "by_your": "своими вашими твоими вашим своим",
    "i": "я мы i im we ive id ill wed",
    "this": "this these those that thats it its него это",
    "third": """
    он она они ему ей им его ее их муж мужа мужу жена жены жене мама маме папа сын дочь сестра начальник босс шеф
    директор коллега коллеги клиент клиенты клиентам сотрудники подруга сосед
    he she they him them his her their husband wife mom mother dad son daughter brother sister boss colleague
    colleagues client clients customer customers supplier
    """,
    "say": """
    сказал сказала сказали говорят просит просят просил просила просили пишет пишут написал написала написано
    говорили сообщил кричит требует повторять твердить пишу отвечаю беспокоят тревожат трогают достают
    said says say told tells asked asks wrote writes tell reply replying
    """,
    # no
    "not": "не not dont never mustnt shouldnt neednt dnt dun donot aint donr dobt dnot н",
    "nor": "ни nor neither",
    "didnt": "didnt doesnt wont cant cannot wouldnt couldnt isnt wasnt arent hasnt havent hadnt",
    "no": "нет неа no nope никаких никакой никакого никакую nah zero",
    "forbid": """
    бесполезно бессмысленно незачем нельзя запрещаю запрещено запрещаем запретил
    forbid forbidden prohibit
    """,
    "need": """
    надо нужно стоит следует обязательно смей смейте вздумай вздумайте пытайся пытайтесь нада
    need dare have try attempt trying should
    трудитесь трудись утруждайте утруждайтесь трудиться утруждаться
    """,
    "wanted": "нужны нужна нужен интересны интересна интересует интересуют needed welcome нуждаюсь нуждаемся",
    "ask": "прошу попрошу просьба требую просим настаиваю ask demand request insist begging beg asking запрос confirm",
    "want": """
    хочу хочет желания choose хотим желаю желает желаем хотел хотела хотелось намерен предпочел предпочла предпочитаю
    want wish wanna desire like wants prefer care agree wishing interested interest appreciate
    хачу
    """,
    "against": "против возражаю object oppose against",
    "that": "чтобы чтоб пусть",
    "receive": """
    получать видеть читать слышать знать получение
    receive receiving hear hearing see seeing read reading
    получения получению
    """,
    "saw": "видел видела слышал слышала видели слышали",
    "able": "можете можешь могли можно could can would will how как где where may let going gonna",
    "more": "больше более еще-раз more further another already future else",
    "ever": """
    никогда вообще впредь вовсе навсегда отовсюду окончательно некогда нигде
    ever again anymore longer forever everywhere agn agian agen nemore anywhere
    насовсем нисколько
    """,
    "cease": """
    перестань перестаньте прекрати прекратите прекращай прекращайте кончай кончайте завязывай завязывайте заканчивай
    заканчивайте бросай бросайте бросьте прекратить перестать перестанете перестанешь прекратишь остановите останови
    остановитесь остановись завязывать прекращаем прекращаю прекратим закончите закончить закончим закончи
    воздержитесь воздерживайтесь воздержаться сворачивайте тормозите
    quit stopping halt refrain stopped terminate kill
    остановить приостановите завершите завершить свернуть
    abstain
    завяжите закругляйтесь прервите прервать остановиться
    """,
    "stop": """
    стоп стопэ стопай стопайте стпо сотп тсоп стор
    stop stahp stopall stpo sotp tsop cease desist 🛑 ⛔ discontinue ctop 🚫
    стап стопе stp stopp
    """,
    "use": """
    use using используй используйте использовать processing process обработку обработки обработка обрабатывать
    обрабатывайте
    """,
    "do": "делай делайте",
    "turn": "turn switch shut",
    "refuse": "отказываюсь отказаться откажусь отказываемся отказ refuse decline отказом отказом отказа отказались",
    "make": "make making сделайте сделать оформите",
    # out of the list
    "unsubscribe": """
    отписаться отписываюсь отписка отписку отписывайте отписывай отписываемся ансабскрайб анписка удалиться анскрайб
    ансаб
    unsubscribe unsub optout unsubscribing desubscribe unsubscription
    """,
    "sign_off": "отпишите отпиши отписать unenroll deregister",
    "remove": """
    удали удалите удалить удаляй удаляйте убери уберите убрать убирай убирайте исключи исключите исключить
    исключайте вычеркни вычеркните вычеркнуть вычеркивайте выпиши выпишите выпишитесь выкинь выкиньте сотри сотрите
    стереть стирайте сними снимите снять снимайте выведите вынесите потеряй потеряйте выбрось выбросьте выписывайте
    вымарайте
    remove delete strike scrub erase lose exclude wipe unlist purge bin burn scratch cut pull kick cross ditch
    destroy dump trash scrap
    уничтожить уничтожьте уничтожайте ликвидируйте
    стерите
    """,
    "forget": "забудь забудьте забыть forget",
    "list": """
    база базы базу баз базе список списка списков списки листа контактов реестра подписчиков получателей адресатов
    срм црм чата
    list lists database base db contacts records distribution crm phonebook roster recipients system sheet register
    mailing-list subscribers memory памяти
    """,
    "sheet": "spreadsheet spreadsheets directory registry таблица таблицы таблиц таблице таблицу",
    "subscription": "подписку подписки подписка subscription",
    "contact": """
    номер номерок контакт номера номеру аккаунт контакты контактные телефона телефону телефон номером адрес
    number phone account name contactinfo line
    номеров
    """,
    "existence": "существование существовании существованье существую дорогу existence exist exists",
    "inbox": "inbox dms life личку личке лички жизни переписке face sight глаз",
    "keep": "keep",
    "add": """
    внеси внесите добавь добавьте занеси занесите закиньте поставь поставьте внести добавить занести добавил
    добавила добавляю кидаю отправляю заношу вношу закинул добавляйте включайте вносите
    put add place mark include adding
    отправил отправила
    """,
    "blacklist": "чс blacklist suppression dnc donotcall donotcontact игнор стоплист",
    "consent": """
    согласие согласия разрешение consent permission consented согласий разрешения согласен согласна согласны
    """,
    "withdraw": "отзываю отозвать withdraw revoke withdrawing revoking",
    # go away
    "leave": "оставь оставьте отставьте leave count оставить оставлять",
    "peace": "покое покои впокое alone peace",
    "go_off": """
    отстань отстаньте отвали отвалите отвяжись отвяжитесь отцепись отцепитесь отвянь отвяньте отлезь отлезьте
    отъебись отъебитесь отъебите отвязаться исчезни исчезните сгинь сгиньте проваливай проваливайте убирайся
    убирайтесь катись катитесь свали свалите уйди уйдите отстанете отстанешь отвяжетесь отвалитесь отвалишь отсохни
    отчепись отчепитесь скройся скройтесь испарись испаритесь уймись уймитесь потеряйся потеряйтесь отлипни
    отлипните отклейтесь отгребитесь отъебните съебись съебите съебитесь уебывай уебывайте кыш брысь линяй линяйте
    отлипнете отлипнешь уходите уходи ступайте ступай покиньте отстать отвалить отцепиться исчезнуть убраться
    scram shoo begone fuckoff pissoff gtfo
    астаньте астань изыди изыдите сдрисни stfu dnd
    """,
    "go": """
    иди идите пошел пошла пошли вали валите пошол пшел пшол пшли гуляй гуляйте пиздуй пиздуйте чеши чешите дуй дуйте
    go piss fuck buzz bugger sod back screw eff f stay jog naff shove push clear hop lay bog
    """,
    "away": """
    нахуй нах нахер нафиг хуй хер фиг черту черт лесом вон жопу задницу баню подальше прочь нахрен отсюда пень
    лешему чертям дьяволу хренам пизду матери сад
    away off lost
    """,
    # I block you
    "block": """
    блокирую заблокирую заблокировал заблокировала блочу заблочу заблочил забаню забанил забанила заблокированы
    заблокирован блок блокировка блокну бан забаньте заблокируйте заблокируй блоке заблочила блочим
    block blocking blocked ban banned banning
    бане
    заблокировать
    """,
    "punish": """
    полиция полицию пожалуюсь жалоба жалобу жалуюсь суд роскомнадзор прокуратуру фас заявление засужу
    report reporting sue police lawyer complaint complain court ftc fcc ico harassment reported cops lawsuit
    пожаловался пожаловалась solicitor attorney адвокат адвокату суда
    жаловаться пожаловаться
    """,
    "again": "еще next следующее следующая",
    "now": "now сейчас сегодня немедленно today immediately",
    "topic": "про насчет касательно поводу о об обо about regarding concerning re",
    "busy": "совещании встрече дороге рулем сплю работе болею больнице meeting driving asleep sleeping",
    "channel": """
    почту почте почта емейл имейл вотсап вотсапе ватсап вайбер инстаграм инсту вк вконтакте рабочий рабочую рабочем
    старый голосовые голосовыми голосовое письмом звонком чате чат чатах группе группу
    email emails mail mails whatsapp viber work landline signal instagram linkedin voice
    """,
    # what takes it back
    "if": "если ежели когда пока коли if when unless while once whenever till until обычно usually normally",
    "except": "кроме только лишь вместо лучше зато except only instead rather better",
    "but": "но but however though",
    "joke": "шучу шутка шутю прикол kidding joking jk",
    "why": "почему зачем why",
    "back": """
    напиши напишите позвони позвоните перезвони перезвоните свяжись свяжитесь пришли пришлите отправь отправьте
    скинь скиньте обратитесь подойдите приходите
    """,
    "others": "другим другому кому-нибудь кому-то конкурентам ком-нибудь others someone elsewhere somebody",
    "with": "со с with w",
    "from": "из от from out of outta",
    "starter": "а и иначе потому поскольку ведь ибо because cause and or otherwise since as n что значит или",
    "so": "so",
    "wrong": "wrong ошиблись ошибка ошибке ошиблась",
    "enough": "хватит хвтит довольно достаточно харе хорош харош enough",
    "annoyed": """
    достали достал достало надоели надоел надоело задолбали задолбал задолбала заебали заколебали замучили бесит
    бесите задрали осточертели утомили
    """,
    "removed": """
    удаление удалили удалят убрали уберут исключили вычеркнули отписали удален
    removed deleted taken erased unlisted removal excluded deletion
    исключили удалили убрали вычеркнули стерли
    """,
    "sold": "selling",
    "back_again": "comeback return",
    "get": "get getting",
    "left": "left",
    "nobody": "nobody никто",
    "yourself": "yourself yourselves себе",
    "switch": """
    отключите отключи отключить отключайте выключите выключи отсоедините отмени отмените отменить отмена аннулируйте
    аннулировать
    disconnect cancel disable deactivate деактивируйте
    выключайте вырубите
    """,
    "come": """
    приходит приходило приходили приходят приходить приходил приходила поступало поступали поступать come arrive
    arrives
    """,
    "ceased": "перестали перестал перестала прекратили прекратил прекратила остановили завязали",
    "anyone": "anyone anybody",
    "offer": "впаривать втюхивать предлагай предлагайте предлагать предложите",
    "accept": "accept accepts accepting",
    "gone": "отстали отвязались отцепились",
    "rid": "избавиться",
    "allow": "разрешаю разрешал разрешала разрешали разрешила позволяю allow permit allowed",
    "without": "без without",
    "data": "данные инфу info details data данных сведения personal-data",
    "resume": "reopen restart resume continue продолжайте продолжай продолжать",
    "spare": "spare избавь избавьте оградите оградить избавить",
    "unwanted": "нежелательны нежелательна unwanted unsolicited unwelcome",
    "unsubscribed": "unsubscribed delisted отписался отписалась отписанным отписаны",
    "consider": "consider считайте считать",
    "time": """
    day days понедельника вторника среды четверга пятницы субботы воскресенья понедельник вторник четверг пятницу
    выходным выходных завтра утра вечера вечером ночью утром weekend weekends monday tuesday wednesday thursday friday
    tonight tomorrow week weeks night morning mornings
    """,
    "sign_off_self": "отпишитесь отпишись отпишусь",
    "wait": "wait подождите погодите подожди погоди минутку минуту секунду hold hang",
    "disturb": """
    спамьте спами беспокой беспокойте тревожь тревожьте донимай донимайте приставай приставайте надоедай надоедайте
    навязывайся навязывайтесь докучай докучайте
    """,
    "mailing": "рассылка рассылки рассылку рассылок рассылкой newsletters newsletter mailings mailing",
    "end": "end",
    "take": "take drop",
    "reach": "contact",
    "last": "последнее последним last последний",
    "vanish": "vanish disappear",
    # says little here
    "sender": """
    уроды урод идиот идиоты козлы козел тварь твари суки спамеры спамер бот боты ботяра робот железка программа
    мошенники придурки придурок компания компании контора фирма компанию фирму продавцы менеджеры торгаши бота боту
    ботом роботу робота спамеров продавцам человека офис
    idiot idiots asshole assholes moron morons bastard bastards jerk jerks stupid creep bot robot clanker spammer
    spammers company firm business people sellers office
    staff employees reps representatives agents organisation organization department
    """,
    "pre": """
    говорю сказано повторяю раз устал устала сколько говорил говорила понимаете понятно понял ясно интересно
    неинтересно спасибо благодарю знаю занят занята подписывался подписывалась
    telling repeat warning sick tired fed busy thanks thank serious seriously scam done finished fair warned final
    effective grateful
    поняли
    """,
    "fill": """
    той пожалуйста пжл пж пжлст плиз плз пож пжста будьте будь добры добр любезны очень уже просто спс ну все всё тогда
    девушка извините простите здравствуйте здрасьте привет день доброе тем эту эти этой этот этого этих этому того
    single поток официальный официальное пажалуста придется formal
    давал давала давали дал дала
    тоже данный данного данному данная персональные персональных самое сами either
    тех кому вот мой моему моим мою моего моя моей моих наш наша наши нашу весь всю всех то ка же бы ли наконец
    слушай слушайте слышь у есть короче ребята ребят народ господа мужчина товарищи дорогие уважаемые срочно быстро
    скорее прямо совсем абсолютно категорически официально честно серьезно давай давайте ладно окей ок хорошо блин
    блять бля сука ёпт ебаный ебаные гребаный чертов чертовы дурацкие тупые всякие любые всякую ваще мать твою себя
    на в к ко по бесконечные блядь дружок братан бро чувак брат свидания всего доброго хорошего дня ради бога бог
    одного одной одно какую-либо каких-либо один единого единой момента связь совести по-человечески по-хорошему
    прекратите-ка да личный ага лол ребятки люди господи мадам дамочка парень продавец в-общем впрочем итак
    убедительно убедительная этим этом моем святого точка рекламные рекламных быть жить пожить спокойно даю
    настоящим состоять для алло алё дурацкий идиотские назойливые навязчивые бесполезные ненужные долбаные сраные
    ебучие постоянные бессмысленные идиотскую назойливую навязчивую ненужную действительно реально искренне вежливо
    нормально сразу теперь отныне принципе при каких обстоятельствах условиях предлогом коем случае поводом тупой
    мол иметь куда жму нажимаю нажать будет было нашей нашего любых любую обзвона любой любым подобные подобных правда
    please pls plz plez kindly just the any at all ok okay hi hello hey sir madam mate bro man dude guys folks buddy
    friend dear really asap right straight permanently completely entirely fucking damn bloody freaking goddamn god
    sake for to be being been my mine own our on up in a an way do does hell heck ffs wtf omg jesus christ sorry
    well look listen yo sincerely regards bye goodbye simply personal mobile private thx ty cheers shall must by
    form kind ways means whatsoever sales silly hereby one hit click press upon lol had given give gave tf ugh argh
    honour honor respect whatever whichever are is am endless constant useless pointless random ridiculous
    circumstances reason manner platform whole lifetime whoever was got live
    """,
}
FORGIVEN = """
забудьте заблокирую прекратить перестань прекрати отстань заканчивайте завязывайте присылать отправлять общаться
покое сообщение номер согласие исчезните вычеркивайте пишите писать написать беспокойте беспокоить тревожьте
отстаньте отвяжитесь отцепитесь отвалите удалите уберите исключите вычеркните перестаньте прекратите хватит рассылка
рассылку рассылки сообщения сообщений присылайте отправляйте отпишите отписаться отписываюсь никогда больше оставьте
disturb consent harassing spamming database blocked phone sending unsubscribe message messages messaging texting
contact contacting contacted writing anymore remove leave alone bother bothering already please receive number
delete interested
"""
"""What is recognised with a slip of the finger in it."""
OTHER_WORDS = """
перестану перестаю общается общаются контракт контракте контрактов контракты смотрите строить пристава строки песка
обращаются обращается законным дорого дураки приятно лезет отбой прости семи могил польше пошло имели сели корме
штука линия может входит выход говори описали беспокойтесь беспокойся тревожьтесь тревожься ищите опишите описать
записать написан написав списать вписать пытать пират большое большие большей больший большем больнее дольше толще
общении перестанет убейте берите хватать схватить охватить хвалить хвалит ставьте отправляйтесь отправляет
отправляют
locked clocked garage taking content milling prone casing diving deriving transfers accuse mali contracts preaching
breaching fold folding lots compliant ended exits tried buys relay dose acre carp suing locking record through
thought replay theses voices county parent mothers places palace palaces subscribe subscribed subscriber other
bothers along lone clone malone aloe atone waiting testing writings contract contracted contracting spacing shaming
sparing massage massages massaging leaves lease weave cleave pleased pleases spending ending pending lending bending
sensing vending tending seeding mending remote removes numbers received
"""
"""Words of their own that are one slip away from one of those."""
NEGATED = "reach write disturb to_write send bother need want text converse call"
GLUED = {
    *((no, verb) for no in ("not", "nor", "stop") for verb in NEGATED.split()),
    ("go", "away"),
    *((verb, me) for verb in ("write", "sign_off", "remove", "unsubscribe") for me in ("me", "to_me")),
}

LEXICON = Lexicon(MEANINGS, forgiven=FORGIVEN, other_words=OTHER_WORDS, glued=GLUED)
