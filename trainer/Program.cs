using System.CommandLine;

var root = new RootCommand("Trains recommendation snapshots from a behavior table and a product table.");
return await root.Parse(args).InvokeAsync();
