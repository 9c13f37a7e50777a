import { createService } from './service.js';

const service = createService();
const port = await service.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '0.0.0.0');
console.log(JSON.stringify({ listening: port }));

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => service.stop());
