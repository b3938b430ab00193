using System.Diagnostics;
using Tests.Shared;

namespace EndToEnd.Tests.Access;

/// <summary>Debian's browser without a window.</summary>
internal static class Chromium
{
    /// <summary>Where Debian's package puts it.</summary>
    public const string Program = "/usr/bin/chromium";

    /// <summary>A name that leads the browser, and nobody else, to this machine.</summary>
    public const string ForeignName = "evil.example";

    /// <summary>Goes to an address, and returns the document that the browser shows.</summary>
    public static async Task<string> Show(string address, CancellationToken cancel)
    {
        using var folder = new TemporaryFolder();
        using var browser = Start(folder, address, "--dump-dom");
        var shown = await browser.StandardOutput.ReadToEndAsync(cancel);
        await browser.WaitForExitAsync(cancel);
        return shown;
    }

    /// <summary>Starts it; whoever does so ends it.</summary>
    public static Process Start(TemporaryFolder folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardOutput = true,
            // It complains at length about a machine without a desktop.
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-extensions", $"--user-data-dir={folder.Path}",
            $"--host-resolver-rules=MAP {ForeignName} 127.0.0.1", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var browser = Process.Start(start)!;
        browser.ErrorDataReceived += static (_, _) => { };
        browser.BeginErrorReadLine();
        return browser;
    }
}
