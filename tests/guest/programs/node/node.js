#!/usr/bin/node
// SPDX-License-Identifier: BSD-2-Clause
// Node: timers, workers, children, a server and its client, files watched, signals, compression.
const { Worker } = require("worker_threads");
const child = require("child_process"), crypto = require("crypto"), fs = require("fs");
const http = require("http"), net = require("net"), os = require("os"), zlib = require("zlib");

const steps = {
	platform: () => [process.platform, process.arch, os.cpus().length, os.endianness()],
	numbers: () => [os.freemem() > 0, process.memoryUsage().rss > 1e6, process.resourceUsage().maxRSS > 1e3,
			process.hrtime.bigint() > 0n, os.loadavg().length],
	interfaces: () => os.networkInterfaces().lo.map(one => `${one.address}/${one.netmask}`).sort(),
	pack: () => zlib.gunzipSync(zlib.gzipSync("text ".repeat(50000))).length,
	digest: () => crypto.createHash("sha256").update("text").digest("hex"),
	random: () => new Set(Array.from({ length: 100 }, () => crypto.randomUUID())).size,
	workers: () => Promise.all([1, 2, 3, 4].map(n => new Promise(done => new Worker(
		`let s = 0; for (let i = 0; i < 1e6; i++) s += i * ${n};
		 require("worker_threads").parentPort.postMessage(s)`, { eval: true }).on("message", done)))),
	shared: async () => {
		const cells = new Int32Array(new SharedArrayBuffer(8));
		const worker = new Worker(`const c = require("worker_threads").workerData;
			Atomics.wait(c, 0, 0); Atomics.add(c, 1, 5); Atomics.notify(c, 1)`, { eval: true, workerData: cells });
		await new Promise(done => worker.once("online", done));
		Atomics.store(cells, 0, 1); Atomics.notify(cells, 0);
		await new Promise(done => worker.once("exit", done));
		return cells[1];
	},
	children: () => Promise.all([0, 3, 7].map(n => new Promise(done =>
		child.spawn("sh", ["-c", `cat; exit ${n}`], { stdio: ["pipe", "pipe", 2] })
			.on("close", status => done(status)).stdin.end("text")))),
	killed: () => new Promise(done => {
		const one = child.spawn("sleep", ["100"]);
		one.on("exit", (status, signal) => done([status, signal]));
		one.kill("SIGTERM");
	}),
	fork: () => new Promise(done => {
		const one = child.fork("-", { execArgv: ["-e", `process.on("message", m => { process.send(m * 2); process.exit(4) })`] });
		let got;
		one.on("message", m => got = m).on("exit", status => done([got, status]));
		one.send(21);
	}),
	signal: () => new Promise(done => {
		process.once("SIGUSR2", (name, number) => done([name, number]));
		process.kill(process.pid, "SIGUSR2");
	}),
	web: () => new Promise(done => {
		const server = http.createServer((query, reply) => { query.pipe(reply); }).listen(0, "127.0.0.1", async () => {
			const ask = n => new Promise(got => {
				const query = http.request({ port: server.address().port, host: "127.0.0.1", method: "POST" }, reply => {
					let size = 0;
					reply.on("data", data => size += data.length).on("end", () => got(size));
				});
				query.end("x".repeat(n));
			});
			done(await Promise.all([1, 1000, 100000, 1000000].map(ask)));
			server.close(); server.closeAllConnections();
		});
	}),
	unix: () => new Promise(done => {
		const server = net.createServer(one => one.end("hello")).listen("/tmp/node.sock", () =>
			net.connect("/tmp/node.sock").on("data", data => done(String(data))).on("close", () => server.close()));
	}),
	refused: () => new Promise(done => net.connect(1, "127.0.0.1").on("error", error => done([error.code, error.syscall]))),
	watch: () => new Promise(done => {
		fs.mkdirSync("/tmp/watched");
		const watcher = fs.watch("/tmp/watched", (event, name) => { watcher.close(); done([event, name]); });
		fs.writeFileSync("/tmp/watched/file", "1");
	}),
	files: async () => {
		await fs.promises.mkdir("/tmp/tree/a/b", { recursive: true });
		await fs.promises.writeFile("/tmp/tree/a/b/c", "x".repeat(123));
		await fs.promises.copyFile("/tmp/tree/a/b/c", "/tmp/tree/d");
		const stat = await fs.promises.stat("/tmp/tree/d");
		await fs.promises.rm("/tmp/tree", { recursive: true });
		return [stat.size, stat.isFile(), fs.existsSync("/tmp/tree")];
	},
	missing: () => { try { fs.readFileSync("/nowhere"); } catch (error) { return [error.code, error.errno]; } },
	timers: async () => {
		const order = [];
		await Promise.all([30, 10, 20].map(ms => new Promise(done => setTimeout(() => done(order.push(ms)), ms * 10))));
		return order;
	},
	garbage: () => { let all = []; for (let i = 0; i < 200; i++) all = [new Array(100000).fill(i)]; return all[0][5]; },
};

(async () => {
	for (const [name, step] of Object.entries(steps))
		console.log(name, JSON.stringify(await step()));
})();
