using System.Diagnostics.CodeAnalysis;
using EndToEnd.Tests.Access;
using Engine.Server.Workspaces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Console;

/// <summary>An engine with the console and a trained demo brand, and a browser to look at it.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "xunit calls the DisposeAsync of IAsyncLifetime.")]
public sealed class ConsoleSite : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private RunningEngine? _engine;

    /// <summary>Where the console is.</summary>
    public Uri Console => _engine!.Console;

    /// <summary>Trains, serves, starts the browser.</summary>
    public async Task InitializeAsync()
    {
        if (!File.Exists(Chromium.Program))
        {
            return;
        }

        _engine = await RunningEngine.StartEmpty(configure: options => options.Console = "console://127.0.0.1:0");
        await Run("generate", "--size", "tiny", "--out", _folder.Path);
        await Run(
            "train", "--dataset", $"{_folder.Path}/dataset.json", "--out", _engine.Root, "--horizon", "30");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (_engine.Parts.GetRequiredService<WorkspaceRegistry>().Get("").ActiveId is null)
        {
            await Task.Delay(50, limit.Token);
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium.Program,
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        });
    }

    /// <summary>A page of a browser that prefers a language.</summary>
    /// <param name="locale">For example zh-CN.</param>
    /// <param name="width">Of the window, in pixels.</param>
    /// <param name="language">The language of the switch; null leaves it to the browser.</param>
    public async Task<IPage> Open(string locale, int width = 1440, string? language = null)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Console.ToString(),
            Locale = locale,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            // For the checker alone, which brings its own script.
            BypassCSP = language is not null,
        });
        if (language is not null)
        {
            await context.AddCookiesAsync(
                [new Cookie { Name = "console-language", Value = language, Url = Console.ToString() }]);
        }

        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        return page;
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static async Task Run(params string[] arguments)
    {
        var run = await ProgramOutput.Of("dotnet", [ProgramOutput.Built("Trainer"), .. arguments]);
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
    }
}
