// The page's own words, English and Russian, by the browser's language.

const ALL = {
  en: {
    operator: "Operator", customers: "Customers", you: "you", live: "live", away: "reconnecting…",
    deskTitle: "Your desk", deskEmpty: "You are the operator",
    deskHint: "Name a customer, and the account writes to them first. Then answer as the customer, on the right.",
    tryThis: "Type this first:", talkEmpty: (name) => `Nothing has been said to ${name} yet`,
    talkHint: (handle) => `Send /start ${handle} to the bot in the operator's chat, or write as the customer.`,
    nobody: "No customers yet", pick: "Choose a customer", message: "Message", write: "Write a message…",
    command: "Write a command…", send: "Send", attach: "Send something else than text", menu: "Commands",
    writeAs: "Write as", device: (name) => `${name}, on another device`, online: "online",
    typing: "typing…", back: "Back to the customers", actions: "Reply, react, edit, delete",
    reply: "Reply", edit: "Edit", remove: "Delete", cancel: "Cancel", editing: "Editing", replying: "Reply to",
    edited: "edited", read: "Read", sent: "Sent", today: "Today", yesterday: "Yesterday", gone: "deleted message",
    newest: "To the newest message", newCustomer: "New customer", name: "Name", username: "Username",
    language: "Language", create: "Create", forwarded: "Forwarded from",
    photo: "Photo", voice: "Voice message", video: "Video", video_note: "Video message", audio: "Audio",
    animation: "GIF", sticker: "Sticker", document: "Document", contact: "Contact", location: "Location", dice: "Dice",
    notStarted: "Write to the bot first", noAnswer: "The bot did not answer", unread: "unread", blocked: "blocked the account",
    block: "Block the account", unblock: "Unblock the account", more: "More",
  },
  ru: {
    operator: "Оператор", customers: "Клиенты", you: "вы", live: "на связи", away: "переподключение…",
    deskTitle: "Ваш пульт", deskEmpty: "Вы оператор",
    deskHint: "Назовите клиента, и аккаунт напишет ему первым. Потом ответьте за клиента справа.",
    tryThis: "Сначала наберите:", talkEmpty: (name) => `${name}: пока ничего не сказано`,
    talkHint: (handle) => `Отправьте боту /start ${handle} в чате оператора или напишите за клиента.`,
    nobody: "Клиентов пока нет", pick: "Выберите клиента", message: "Сообщение", write: "Сообщение…",
    command: "Команда…", send: "Отправить", attach: "Отправить не текст", menu: "Команды",
    writeAs: "Писать за", device: (name) => `${name}, с другого устройства`, online: "в сети",
    typing: "печатает…", back: "К списку клиентов", actions: "Ответить, отреагировать, изменить, удалить",
    reply: "Ответить", edit: "Изменить", remove: "Удалить", cancel: "Отмена", editing: "Правка", replying: "Ответ на",
    edited: "изменено", read: "Прочитано", sent: "Отправлено", today: "Сегодня", yesterday: "Вчера", gone: "удалённое сообщение",
    newest: "К последнему сообщению", newCustomer: "Новый клиент", name: "Имя", username: "Имя пользователя",
    language: "Язык", create: "Создать", forwarded: "Переслано от",
    photo: "Фото", voice: "Голосовое", video: "Видео", video_note: "Видеосообщение", audio: "Аудио",
    animation: "GIF", sticker: "Стикер", document: "Документ", contact: "Контакт", location: "Место", dice: "Кубик",
    notStarted: "Сначала напишите боту", noAnswer: "Бот не ответил", unread: "непрочитанных", blocked: "заблокировал(а) аккаунт",
    block: "Заблокировать аккаунт", unblock: "Разблокировать аккаунт", more: "Ещё",
  },
};

export const language = navigator.language.startsWith("ru") ? "ru" : "en";
export const words = ALL[language];
