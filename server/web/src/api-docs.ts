// The browsable page of the API: Swagger UI from our own assets, reading our own description.
interface SwaggerUI {
  (options: object): unknown;
  presets: { apis: unknown };
}

const bundle = (globalThis as unknown as { SwaggerUIBundle: SwaggerUI }).SwaggerUIBundle;
bundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [bundle.presets.apis],
  requestInterceptor: (request: { headers: Record<string, string> }) => {
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
    if (token) request.headers["X-CSRF-Token"] = token;
    return request;
  },
});
