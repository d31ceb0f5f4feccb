// A native addon for node that leaks: keep(bytes) calls malloc and forgets it.
#include <napi.h>
#include <cstdlib>
#include <cstring>

__attribute__((noinline)) static void *leak_in_addon(size_t bytes)
{
    void *kept = std::malloc(bytes);
    return kept ? std::memset(kept, 1, bytes) : nullptr;
}

static Napi::Value keep(const Napi::CallbackInfo &call)
{
    size_t bytes = call[0].As<Napi::Number>().Uint32Value();
    return Napi::Boolean::New(call.Env(), leak_in_addon(bytes) != nullptr);
}

static Napi::Object describe(Napi::Env env, Napi::Object exports)
{
    exports.Set("keep", Napi::Function::New(env, keep, "keep"));
    return exports;
}

NODE_API_MODULE(leak_addon, describe)
