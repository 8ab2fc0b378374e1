// A target played by GramJS: signs in by code, waits for a message, reads and answers it, waits until it is read,
// then starts the bot and presses its button. Takes {host, port, dc, key, phone, code, reply, bot} as JSON in its first argument; tells each step as a line of JSON.

const crypto = require("crypto");
const bigInt = require("big-integer");
const { Api, TelegramClient } = require("telegram");
const { NewMessage, Raw } = require("telegram/events");
const { PromisedNetSockets } = require("telegram/extensions");
const { Logger, LogLevel } = require("telegram/extensions/Logger");
const { StringSession } = require("telegram/sessions");
const { _serverKeys } = require("telegram/crypto/RSA");

const given = JSON.parse(process.argv[2]);
const tell = (step, fields) => console.log(JSON.stringify({ step, ...fields }));

// A TL string: a short length before it, zeros after it up to a whole number of words.
const tlBytes = (data) => {
    const head = data.length < 254 ? [data.length] : [254, data.length & 255, data.length >> 8, 0];
    const text = Buffer.concat([Buffer.from(head), data]);
    return Buffer.concat([text, Buffer.alloc(-text.length & 3)]);
};

const trust = (pem) => {
    const { n, e } = crypto.createPublicKey(pem).export({ format: "jwk" });
    const [modulus, exponent] = [n, e].map((part) => Buffer.from(part, "base64url"));
    const digest = crypto.createHash("sha1").update(tlBytes(modulus)).update(tlBytes(exponent)).digest();
    const fingerprint = digest.readBigInt64LE(12).toString();
    _serverKeys.set(fingerprint, { n: bigInt(modulus.toString("hex"), 16), e: exponent.readUIntBE(0, exponent.length) });
};

// GramJS dials port 80 whatever its session says, and cannot save one with a port above 32767.
class Sockets extends PromisedNetSockets {
    connect(_, ip) {
        return super.connect(given.port, ip);
    }
}

const main = async () => {
    trust(given.key);
    const session = new StringSession("");
    session.setDC(given.dc, given.host, 80);
    const client = new TelegramClient(session, 1, "hash", {
        connectionRetries: 1,
        networkSocket: Sockets,
        baseLogger: new Logger(LogLevel.NONE),
    });
    await client.start({
        phoneNumber: given.phone,
        phoneCode: async () => given.code,
        onError: (error) => {
            throw error;
        },
    });
    const me = await client.getMe();
    tell("signed in", { id: me.id.toString(), username: me.username });

    let sent;
    const read = new Promise((resolve) => {
        client.addEventHandler((update) => {
            if (sent && update.maxId >= sent.id) {
                resolve(update.maxId);
            }
        }, new Raw({ types: [Api.UpdateReadHistoryOutbox] }));
    });
    const message = await new Promise((resolve) => {
        client.addEventHandler((event) => resolve(event.message), new NewMessage({ incoming: true }));
        tell("listening");
    });
    const sender = await message.getSender();
    tell("received", { text: message.text, from: sender.username });
    await client.markAsRead(message.peerId);
    sent = await client.sendMessage(message.peerId, { message: given.reply });
    tell("answered", { id: sent.id });
    tell("read", { upTo: await read });
    const history = await client.getMessages(message.peerId, { limit: 10 });
    tell("history", { texts: history.map((m) => m.message), out: history.map((m) => Boolean(m.out)) });

    const offer = new Promise((resolve) => {
        client.addEventHandler((event) => resolve(event.message), new NewMessage({ incoming: true }));
    });
    await client.sendMessage(given.bot, { message: "/start" });
    const pressed = await (await offer).click({ i: 0 });
    tell("pressed", { answer: pressed.message });
    await client.disconnect();
};

main().then(
    () => process.exit(0),
    (error) => {
        tell("failed", { error: String(error), stack: error.stack });
        process.exit(1);
    },
);
