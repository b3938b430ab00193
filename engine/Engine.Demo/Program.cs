using System.CommandLine;
using System.CommandLine.Invocation;
using Engine.Demo;

var behavior = new Option<string?>("--behavior")
{
    Description = "Your own behavior table, CSV(.gz) or Parquet; with --product.",
};
var product = new Option<string?>("--product")
{
    Description = "Your own product table, CSV(.gz) or Parquet; with --behavior.",
};
var size = new Option<string>("--size") { Description = "Of the generated brand.", DefaultValueFactory = _ => "small" };
size.AcceptOnlyFromAmong("tiny", "small", "medium", "large");
var seed = new Option<int>("--seed")
{
    Description = "Of the generated brand and of the training.",
    DefaultValueFactory = _ => 1,
};
var output = new Option<string>("--out")
{
    Description = "Where tables and snapshots go; the default is emptied first.",
    DefaultValueFactory = _ => DemoOptions.DefaultOut,
};
var urls = new Option<string?>("--urls")
{
    Description = "grpc://ADDRESS:PORT;http://ADDRESS:PORT for the engine; two free loopback ports if not given.",
};
var exit = new Option<bool>("--exit") { Description = "End after the questions instead of staying up." };
var root = new RootCommand("From two tables to recommendations: generate (or take yours), train, publish, serve, ask.")
{
    behavior, product, size, seed, output, urls, exit,
};
root.SetAction(async parsed =>
{
    var options = new DemoOptions
    {
        Behavior = parsed.GetValue(behavior),
        Product = parsed.GetValue(product),
        Size = parsed.GetRequiredValue(size),
        Seed = parsed.GetRequiredValue(seed),
        LastDay = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime),
        Out = parsed.GetRequiredValue(output),
        Urls = parsed.GetValue(urls),
        Exit = parsed.GetValue(exit),
    };
    using var stop = new StopSignal();
    return await Story.Run(options, stop.Token);
});
try
{
    // Signals are ours: children are stopped before the demo ends.
    var parsed = root.Parse(args);
    var code = await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    return parsed.Action is ParseErrorAction ? 2 : code;
}
catch (DemoException e)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return 1;
}
