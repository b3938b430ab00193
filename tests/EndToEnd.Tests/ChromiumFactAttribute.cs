using EndToEnd.Tests.Access;

namespace EndToEnd.Tests;

/// <summary>A fact that needs Debian's chromium; without it, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (!File.Exists(Chromium.Program))
        {
            Skip = $"{Chromium.Program} is not there: apt-get install chromium (tests/run.sh does)";
        }
    }
}
