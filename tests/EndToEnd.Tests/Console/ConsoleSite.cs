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
    /// <summary>The name of a dataset with purchases after those that the model knows.</summary>
    public const string Dataset = "later";

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _datasets = new();
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

        _engine = await RunningEngine.StartEmpty(
            datasets: _datasets.Path, configure: options => options.Console = "console://127.0.0.1:0");
        await Run("generate", "--size", "tiny", "--out", _folder.Path);
        await Run(
            "train", "--dataset", $"{_folder.Path}/dataset.json", "--out", _engine.Root, "--horizon", "30");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (_engine.Parts.GetRequiredService<WorkspaceRegistry>().Get("").ActiveId is null)
        {
            await Task.Delay(50, limit.Token);
        }

        var described = await _engine.Snapshots.DescribeAsync(new Engine.Protos.V1.DescribeSnapshotRequest());
        WriteDataset(described.Info.WindowStart, described.Info.WindowEnd);
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
        _datasets.Dispose();
    }

    // A third of the customers buys tea on the first day; one buys something on the last.
    private void WriteDataset(string firstDay, string lastDay)
    {
        File.WriteAllLines(
            _datasets.File($"{Dataset}.csv"),
            [
                "user,product,time,amount",
                .. Enumerable.Range(1, 60).Select(n => $"C{3 * n:D7},TEA-00003,{firstDay},10"),
                $"C0000001,COF-00001,{lastDay},10",
            ]);
        File.WriteAllText(
            _datasets.File($"{Dataset}.json"),
            $$"""
            {
              "behavior": {
                "files": ["{{Dataset}}.csv"], "user_id": "user", "product_id": "product", "time": "time",
                "amount": "amount", "constant_type": "purchase"
              },
              "product": { "files": ["{{Dataset}}.csv"], "product_id": "product", "product_name": "product" }
            }
            """);
    }

    private static async Task Run(params string[] arguments)
    {
        var run = await ProgramOutput.Of("dotnet", [ProgramOutput.Built("Trainer"), .. arguments]);
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
    }
}
