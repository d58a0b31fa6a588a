"""Model servers: the embedded one, `vllm serve`, `llama-server` and endpoints, all reached over the OpenAI API."""
