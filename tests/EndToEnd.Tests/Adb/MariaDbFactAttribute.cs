namespace EndToEnd.Tests.Adb;

/// <summary>
/// A fact that needs Debian's mariadb-server: skipped with the reason without it, but never when CI=true.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MariaDbFactAttribute : FactAttribute
{
    public MariaDbFactAttribute()
    {
        if (MariaDbServer.Program is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "mariadbd is not installed: apt-get install mariadb-server";
        }
    }
}
