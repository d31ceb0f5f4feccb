/* Built into plugins that differ in their code (PLUGIN) and size (BALLAST): calls back from its own code. */
extern const char plugin_ballast[];
const char plugin_ballast[BALLAST] = {1};
int plugin_call(int (*callback)(void));

int plugin_call(int (*callback)(void))
{
    volatile char room[64 + PLUGIN * 64];
    room[0] = 1;
    return callback() + room[0];
}
