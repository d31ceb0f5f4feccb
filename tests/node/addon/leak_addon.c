/* A native addon for node that leaks: keep(bytes) calls malloc and forgets it. */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noinline)) static void *leak_in_addon(size_t bytes)
{
    void *kept = malloc(bytes);
    return kept ? memset(kept, 1, bytes) : NULL;
}

static napi_value keep(napi_env env, napi_callback_info info)
{
    size_t count = 1;
    napi_value argument, result = NULL;
    uint32_t bytes = 0;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    napi_get_value_uint32(env, argument, &bytes);
    napi_get_boolean(env, leak_in_addon(bytes) != NULL, &result);
    return result;
}

NAPI_MODULE_INIT()
{
    napi_value function;
    napi_create_function(env, "keep", NAPI_AUTO_LENGTH, keep, NULL, &function);
    napi_set_named_property(env, exports, "keep", function);
    return exports;
}
